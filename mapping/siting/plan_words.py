"""Plans in Italian: a sentence a site, a sentence a scenario, and what must be known of both."""

import numpy as np

from mapping.disclosure import rounded
from mapping.siting.inputs import Ask, People, PlanData, Services, SiteAsk
from mapping.siting.models import SitePlan
from mapping.siting.problem import Problem, unknown_places
from mapping.tables import Row

UNITS = {"children": "bambini", "low-income": "bambini in famiglie a basso reddito"}
CANDIDATE_WORDS = {
    "premises": "Se le sedi proposte siano libere, adatte o pubbliche non è noto: va verificato.",
    "nodes": "Gli incroci sono uno ogni 250 metri: la sede va cercata lì intorno.",
}
MAX_NAMED = 3


def site_words(told: Row, ask: SiteAsk) -> str:
    """Say what a site would bring.

    Parameters
    ----------
    told : dict
        The site, with its figures.
    ask : SiteAsk
        The question.

    Returns
    -------
    str
        One sentence.
    """
    named = [row["name"] for row in told["by_area"][:MAX_NAMED]]
    where = f", soprattutto in {', '.join(named)}" if named else ""
    minutes = ask.walk_seconds / 60
    if ask.objective == "capacity":
        said = f"{told['places']} posti, per {told['people']} {UNITS[ask.weight]} che non ne hanno"
    else:
        said = f"{told['people']} {UNITS[ask.weight]} in più entro {minutes:.0f} minuti a piedi"
    saved = told["median_minutes_saved"]
    told_saved = f"{saved:g}".replace(".", ",") if saved else ""
    gain = f"; chi ci guadagna risparmia {told_saved} minuti (mediana)" if saved else ""
    return f"{told['name']}: {said}{where}{gain}."


def change_words(city: Row, ask: Ask) -> str:
    """Say what changes would do to the city.

    Parameters
    ----------
    city : dict
        The city, before and after.
    ask : Ask
        The question.

    Returns
    -------
    str
        One sentence.
    """
    before, after = city["before"], city["after"]
    gained = after["within"] - before["within"]
    minutes = f"entro {ask.walk_seconds / 60:.0f} minuti a piedi"
    if gained == 0:
        return f"I {UNITS[ask.weight]} {minutes} restano {before['within']}."
    more = "in più" if gained > 0 else "in meno"
    ends = f"da {before['within']} a {after['within']}"
    return f"{abs(gained)} {UNITS[ask.weight]} {more} {minutes}: {ends}."


def doubts(ground: PlanData, ask: Ask, services: Services) -> list[Row]:
    """Say what the records leave open, in the codes of the reasons of coverage.

    Parameters
    ----------
    ground : PlanData
        An edition.
    ask : Ask
        The question.
    services : Services
        What stands.

    Returns
    -------
    list of dict
        code and text of each warning.
    """
    said = {}
    if ground.city.completeness_of(ask.category).status != "complete":
        said["catalogue_incomplete"] = (
            f"L'elenco «{ask.kind.label}» non è completo: dove non compare nessun servizio può"
            " essercene uno che non conosciamo. Questo piano non dimostra che lì manchi."
        )
    doubtful = max(services.stale, services.unverified)
    if doubtful:
        said["records_unverified"] = (
            f"Dei {len(services.rows)} servizi contati come esistenti, {doubtful} sono da"
            " verificare."
        )
    if services.unplaced:
        said["records_unplaced"] = (
            f"Servizi di cui non si conosce il luogo, e che non sono contati: {services.unplaced}."
        )
    return _warnings(said)


def limits(ask: SiteAsk, problem: Problem, plan: SitePlan, people: People) -> list[Row]:
    """Say what a plan of sites itself leaves open.

    Parameters
    ----------
    ask : SiteAsk
        The question.
    problem : Problem
        What was solved.
    plan : SitePlan
        How.
    people : People
        Whom it counts.

    Returns
    -------
    list of dict
        code and text of each warning.
    """
    said = {}
    if ask.candidates in CANDIDATE_WORDS:
        said[f"{ask.candidates}_unchecked"] = CANDIDATE_WORDS[ask.candidates]
    if len(plan.chosen) < ask.count:
        said["fewer_sites"] = (
            f"Bastano {len(plan.chosen)} sedi: un'altra non aggiungerebbe nessuno."
        )
    if plan.status != "optimal":
        said["time_limit"] = (
            "Il tempo è scaduto: un altro piano potrebbe essere migliore, al più del"
            f" {100 * plan.gap:.1f}%."
        )
    unsure = float(people.weight[unknown_places(problem)].sum())
    if ask.objective == "capacity" and unsure:
        said["places_unknown"] = (
            f"Di alcuni servizi non si conoscono i posti:"
            f" {whole_people(unsure)} {UNITS[ask.weight]} che li hanno vicini non sono contati, né"
            " serviti né da servire."
        )
    return _warnings(said)


def _warnings(said: dict[str, str]) -> list[Row]:
    return [{"code": code, "text": text} for code, text in said.items()]


def whole_people(number: float) -> int | None:
    """Round people as they are published.

    Parameters
    ----------
    number : float
        People.

    Returns
    -------
    int or None
        A multiple of 5; None if not known.
    """
    return None if np.isnan(number) else int(rounded(number))
