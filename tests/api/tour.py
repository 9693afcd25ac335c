"""Every page that people see: where it is, and how it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.api.conftest import Server

ASKED = {"address": "via Aldini 72", "category": ["consultorio", "nido"], "max_minutes": "60"}
UNKNOWN = {"address": "via che non esiste 3", "category": "nido"}


@dataclass(frozen=True)
class Stop:
    """A page; what it is asked is in its address, or in the form that is posted."""

    path: str
    form: Mapping[str, str | list[str]] = field(default_factory=dict)
    status: int = 200


STOPS = {
    "home": Stop("/"),
    "answer": Stop("/", ASKED),
    "unknown address": Stop("/", UNKNOWN, 422),
    "round": Stop("/giro", ASKED),
    "card": Stop("/scheda", {**ASKED, "service": "{service}", "as": "page"}),
    "services": Stop("/servizi"),
    "services of a category": Stop("/servizi?category=nido"),
    "service": Stop("/servizi/{service}"),
    "no service": Stop("/servizi/mai:stato", status=404),
    "report": Stop("/segnala/{service}"),
    "embedded": Stop("/embed?category=nido"),
    "network": Stop("/rete?category=scuola_infanzia"),
    "area": Stop("/rete?category=scuola_infanzia&area=nil:10&zones=1"),
    "comparison": Stop("/rete?category=nido&level=municipio&indicator=seconds&versus=demand"),
    "grey zones": Stop("/rete/zone?category=scuola_infanzia"),
    "indicators": Stop("/rete/indicatori"),
    "freshness": Stop("/rete/freschezza"),
    "scenario": Stop("/rete/scenario?category=nido"),
}


def stop(name: str, server: Server) -> Stop:
    """Give a stop of the tour, at a consultorio that the server knows."""
    services = server.get("/v1/services?category=consultorio&limit=50")["results"]
    one = next(row["service_id"] for row in services if row["address"])
    planned = STOPS[name]
    form = {key: one if said == "{service}" else said for key, said in planned.form.items()}
    return Stop(planned.path.replace("{service}", quote(one)), form, planned.status)


def spoken(path: str, code: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={code}"
