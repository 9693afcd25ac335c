"""What PostGIS shows of a catalogue: the places of published services, as views for a GIS."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from string import Template

import sqlalchemy as sa

from mapping.disclosure import confidential_categories, public_categories, published_labels
from mapping.tables import ROUTED

ALL_SERVICES = "qgis_services"

_OURS = "Prossima: "
"""How the comment of a view begins that is ours to drop."""

_TRIGGER = """
CREATE OR REPLACE FUNCTION place_revisions() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN {place}; RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER place_revisions AFTER INSERT ON service_revision
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION place_revisions()
"""

_OUR_VIEWS = sa.text(
    "SELECT relname FROM pg_class WHERE relkind = 'v' AND pg_table_is_visible(oid)"
    " AND starts_with(obj_description(oid, 'pg_class'), :ours)"
)
_MADE_FROM = sa.text("SELECT obj_description('service_location'::regclass, 'pg_class')")


def view_name(code: str) -> str:
    """Name the view of a category."""
    return f"qgis_{code}"


def views() -> dict[str, str]:
    """Give what each view shows, by name: all services, and each public category."""
    shown = {view_name(code): label for code, label in published_labels().items()}
    return {ALL_SERVICES: "Tutti i servizi"} | shown


def is_in_date(connection: sa.Connection) -> bool:
    """Whether a database already shows what this software and its taxonomy say."""
    made_from = connection.execute(_MADE_FROM).scalar_one()
    return made_from == _digest(_statements()) and _existing(connection) == set(views())


def show(connection: sa.Connection) -> None:
    """Make the views anew, drop those of vanished categories, and place what is not placed yet.

    A view is replaced where it stands, so that the rights granted on it stay.
    """
    statements = _statements()
    for statement in statements:
        connection.exec_driver_sql(statement)
    for vanished in _existing(connection) - set(views()):
        connection.exec_driver_sql(f"DROP VIEW {vanished}")
    connection.exec_driver_sql(_comment("TABLE service_location", _digest(statements)))


def _statements() -> list[str]:
    names = {
        "precise": _quoted(ROUTED),
        "confidential": _quoted(confidential_categories()),
    }
    place = _template("place").substitute(names, added="added")
    return [
        _TRIGGER.format(place=place),
        _template("place").substitute(names, added="service_revision"),
        _template("services").substitute(names),
        *(
            _template("category").substitute(view=view_name(code), code=code)
            for code in public_categories()
        ),
        *(_comment(f"VIEW {name}", _OURS + label) for name, label in views().items()),
    ]


def _template(name: str) -> Template:
    path = Path(__file__).parent / "sql" / f"{name}.sql"
    return Template(path.read_text(encoding="utf-8"))


def _existing(connection: sa.Connection) -> set[str]:
    return set(connection.execute(_OUR_VIEWS, {"ours": _OURS}).scalars())


def _comment(what: str, text: str) -> str:
    return f"COMMENT ON {what} IS {_quoted([text])}"


def _quoted(texts: Iterable[str]) -> str:
    doubled = [text.replace("'", "''") for text in texts]
    return ", ".join(f"'{text}'" for text in doubled)


def _digest(statements: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()
