"""On PostgreSQL: PostGIS, the places of published revisions, and texts in the order of SQLite."""

from alembic import op
from sqlalchemy.exc import DBAPIError

from mapping.errors import BadInputError

revision = "0002"
down_revision = "0001"

# SQLite compares texts by their bytes; a server compares them by the rules of its language.
_COMPARED = {"ingest_run": ["source_id"], "quarantine": ["source_id"]}
_COMPARED["service_revision"] = ["service_id", "source_id"]

# What a view shows stands here in full: whoever reads the views needs no right on the revisions,
# which hold the places of confidential services too.
_TABLE = """
CREATE TABLE service_location (
    place_id integer NOT NULL,
    revision_id integer NOT NULL REFERENCES service_revision,
    service_id varchar COLLATE "C" NOT NULL,
    location_id varchar COLLATE "C" NOT NULL,
    name varchar NOT NULL,
    organization varchar,
    categories varchar[] NOT NULL,
    status varchar NOT NULL,
    address varchar,
    cap varchar,
    city varchar,
    municipio varchar,
    phone varchar,
    email varchar,
    url varchar,
    opening_hours varchar,
    opening_hours_text varchar,
    assured_date varchar,
    source_id varchar NOT NULL,
    precision varchar NOT NULL,
    error_metres double precision,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    geom geometry(Point, 4326) NOT NULL
        GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED,
    PRIMARY KEY (revision_id, location_id),
    UNIQUE (revision_id, place_id)
)
"""

_AFTER = (
    "CREATE INDEX service_location_geom ON service_location USING gist (geom)",
    "CREATE INDEX service_location_place ON service_location (service_id, location_id)",
    "CREATE INDEX service_location_place_id ON service_location (place_id)",
    "CREATE TRIGGER service_location_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
    " ON service_location FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    """Create the table of places; `mapping.catalogue.postgis` fills it and makes its views."""
    if op.get_bind().dialect.name != "postgresql":
        return
    _require_postgis()
    _collate('"C"')
    op.execute(_TABLE)
    for statement in _AFTER:
        op.execute(statement)


def downgrade() -> None:
    """Drop the places with their views and what fills them; the extension may serve others."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP FUNCTION IF EXISTS place_revisions() CASCADE")
    op.execute("DROP TABLE service_location CASCADE")
    _collate('"default"')


def _require_postgis() -> None:
    try:
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    except DBAPIError as error:
        database = op.get_bind().engine.url.database
        reason = str(error.orig).splitlines()[0]
        raise BadInputError(
            f"The database '{database}' has no PostGIS ({reason}). A catalogue on PostgreSQL needs"
            " it: install it on the server (`make setup-postgis`), and let an administrator say"
            " CREATE EXTENSION postgis in that database."
        ) from error


def _collate(collation: str) -> None:
    for table, columns in _COMPARED.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER {column} TYPE varchar COLLATE {collation}")
