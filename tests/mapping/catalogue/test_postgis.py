"""What a GIS sees of a catalogue on PostGIS: today's public places, and nothing else."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from api.benches.postgres import server_program
from mapping.catalogue import database
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.transfer import transfer
from mapping.edition.edition import current
from mapping.errors import BadInputError
from mapping.model import Location, Position, Service
from mapping.taxonomy import categories
from tests.mapping.drawn_batches import batch, service

pytestmark = pytest.mark.postgis


@pytest.fixture
def url(postgres) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture
def catalogue(url: str) -> Iterator[Catalogue]:
    with Catalogue.open(url) as opened:
        yield opened


def ask(url: str, question: str) -> list[Any]:
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            answer = connection.execute(sa.text(question))
            return list(answer) if answer.returns_rows else []
    finally:
        engine.dispose()


def seen(url: str, view: str = "qgis_services") -> list[str]:
    return [row.location_id for row in sorted(ask(url, f"TABLE {view}"))]


def at(precision: str, key: str = "a", *codes: str, lon: float = 9.19) -> Service:
    """Draw a service at one point of that precision."""
    spot = Position(lon=lon, lat=45.46, precision=precision)
    where = (Location(location_id=key, position=spot),)
    known = {"categories": codes or ("nido",), "locations": where}
    return service(key).model_copy(update=known)


def test_every_public_category_is_a_layer_of_points(url: str) -> None:
    question = "SELECT * FROM geometry_columns WHERE f_table_name LIKE 'qgis%'"
    layers = {row.f_table_name: (row.type, row.srid, row.coord_dimension)
              for row in ask(url, question)}  # fmt: skip
    public = {f"qgis_{code}" for code, one in categories().items() if not one.confidential}
    assert set(layers) == public | {"qgis_services"}
    assert "qgis_antiviolenza" not in layers
    assert set(layers.values()) == {("POINT", 4326, 2)}


def test_a_layer_is_read_with_its_place_and_reference_system(
    url: str, catalogue: Catalogue
) -> None:
    catalogue.record(batch(at("civic", "a", "nido", "consultorio"), at("civic", "b")))
    engine = sa.create_engine(url)
    layer = gpd.read_postgis("SELECT * FROM qgis_consultorio", engine, index_col="place_id")
    engine.dispose()
    assert layer.crs == "EPSG:4326"
    assert list(layer.index) == [1]
    [row] = layer.to_dict("records")
    assert (row["geom"].x, row["geom"].y, row["name"]) == (9.19, 45.46, "Nido")
    assert (row["category"], row["categories"]) == ("nido", ["nido", "consultorio"])


def test_only_what_is_published_now_is_seen(url: str, catalogue: Catalogue) -> None:
    catalogue.record(batch(at("civic", "a"), at("civic", "b")))
    catalogue.record(batch(at("premises", "a"), at("civic", "c")))
    assert [(row.location_id, row.precision) for row in ask(url, "TABLE qgis_nido")] == [
        ("a", "premises"),
        ("c", "civic"),
    ]
    ask(url, "INSERT INTO service_revision (service_id, state, recorded_at, actor, source_id,"
             " content_hash, content) SELECT service_id, 'proposed', now(), 'anna', source_id,"
             " 'x', content FROM service_revision")  # fmt: skip
    assert seen(url) == ["a", "c"]
    catalogue.record(batch())
    assert seen(url) == []


@pytest.mark.parametrize("precision", ["area", "none"])
def test_a_vague_place_is_no_point(url: str, catalogue: Catalogue, precision: str) -> None:
    catalogue.record(batch(at(precision), at("street", "b")))
    assert seen(url) == ["b"]
    catalogue.record(batch(at("street"), at(precision, "b")))
    assert seen(url) == ["a"]


def test_a_confidential_place_is_nowhere_but_in_the_record(url: str, catalogue: Catalogue) -> None:
    catalogue.record(batch(at("civic", "a"), at("civic", "b", "nido", "antiviolenza")))
    assert seen(url) == ["a"]
    assert seen(url, "service_location") == ["a"]


def test_a_place_keeps_its_key_through_its_revisions(url: str, catalogue: Catalogue) -> None:
    catalogue.record(batch(at("civic", "b")))
    catalogue.record(batch(at("premises", "b", lon=9.2), at("civic", "a")))
    catalogue.record(batch(at("civic", "a")))
    catalogue.record(batch(at("civic", "a"), at("civic", "b"), at("civic", "c")))
    keys = {row.location_id: row.place_id for row in ask(url, "TABLE qgis_services")}
    assert keys == {"b": 1, "a": 2, "c": 3}


def test_keys_are_the_same_in_a_catalogue_that_was_moved(
    postgres, url: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.record(batch(at("civic", "b"), at("civic", "a")))
    # As a transaction that was rolled back does, whose numbers are never given again.
    ask(url, "SELECT nextval(pg_get_serial_sequence('service_revision', 'revision_id'))")
    catalogue.record(batch(at("civic", "c"), at("premises", "a")))
    transfer(url, f"sqlite:///{tmp_path / 'c.sqlite'}")
    with postgres.database() as other:
        transfer(f"sqlite:///{tmp_path / 'c.sqlite'}", other)
        for name in ("service_location", "qgis_services", "qgis_nido"):
            assert ask(other, f"TABLE {name}") == ask(url, f"TABLE {name}") != []


def test_places_are_append_only_too(url: str, catalogue: Catalogue) -> None:
    catalogue.record(batch(at("civic")))
    for change in ("UPDATE service_location SET lon = 0", "TRUNCATE service_location"):
        with pytest.raises(DBAPIError, match="service_location is append-only"):
            ask(url, change)


def test_revisions_from_before_there_were_places_are_placed(url: str) -> None:
    engine = database.open_database(url)
    config = Config()
    config.set_main_option("script_location", "mapping.catalogue:migrations")
    with database.writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    for key in ("b", "a"):
        said = at("civic", key).model_dump(mode="json", exclude_none=True)
        row = {"service_id": key, "state": "published", "actor": "x", "source_id": "drawn",
               "recorded_at": sa.func.now(), "content_hash": "x", "content": said}  # fmt: skip
        with database.writing(engine) as connection:
            connection.execute(sa.insert(database.revisions).values(row))
    engine.dispose()
    Catalogue.open(url).close()
    assert seen(url) == ["b", "a"]


def test_views_follow_the_taxonomy_and_leave_other_peoples_alone(url: str) -> None:
    ask(url, "CREATE VIEW qgis_vanished AS TABLE qgis_services")
    ask(url, "COMMENT ON VIEW qgis_vanished IS 'Prossima: categoria inventata'")
    ask(url, "CREATE VIEW qgis_of_somebody AS TABLE qgis_services")
    ask(url, "DROP VIEW qgis_nido")
    Catalogue.open(url).close()
    names = {row.relname for row in ask(url, "SELECT relname FROM pg_class WHERE relkind = 'v'")}
    assert {"qgis_nido", "qgis_of_somebody"} <= names
    assert "qgis_vanished" not in names


def test_a_reader_of_the_views_reads_nothing_else(url: str) -> None:
    ask(url, "CREATE ROLE ufficio_inventato LOGIN")
    ask(url, "GRANT SELECT ON qgis_services TO ufficio_inventato")
    with Catalogue.open(url) as catalogue:
        catalogue.record(batch(at("civic")))
    theirs = url.replace("postgres@", "ufficio_inventato@")
    try:
        assert seen(theirs) == ["a"]
        for table in ("service_location", "service_revision", "qgis_nido"):
            with pytest.raises(DBAPIError, match=f"permission denied for .* {table}"):
                ask(theirs, f"TABLE {table}")
    finally:
        ask(url, "DROP OWNED BY ufficio_inventato; DROP ROLE ufficio_inventato")


def test_without_postgis_the_refusal_says_what_to_do(postgres) -> None:
    postgres.say("CREATE ROLE nessuno LOGIN")
    with postgres.database("template0") as bare:
        name = sa.make_url(bare).database
        postgres.say(f"ALTER DATABASE {name} OWNER TO nessuno")
        theirs = bare.replace("postgres@", "nessuno@")
        with pytest.raises(BadInputError, match=f"'{name}' has no PostGIS .permission denied"):
            Catalogue.open(theirs)
        ask(bare, "CREATE EXTENSION postgis")
        with Catalogue.open(theirs) as catalogue:
            catalogue.record(batch(at("civic")))
        assert seen(theirs) == ["a"]
    postgres.say("DROP ROLE nessuno")


MANY = """
INSERT INTO service_revision
    (service_id, state, recorded_at, actor, source_id, content_hash, content)
SELECT 'drawn:' || n, 'published', now(), 'x', 'drawn', 'x', json_build_object(
    'name', 'Nido', 'status', 'active', 'categories', json_build_array('nido'),
    'provenance', json_build_object('source_id', 'drawn'),
    'locations', json_build_array(json_build_object(
        'location_id', n::text, 'position', json_build_object(
            'lon', 9 + (n / 100) * 0.002, 'lat', 45.4 + (n % 100) * 0.002,
            'precision', 'civic'))))
FROM generate_series(0, 9999) AS n
"""


@pytest.mark.parametrize("view", ["qgis_services", "qgis_nido"])
def test_a_map_of_a_few_streets_is_read_through_the_spatial_index(url: str, view: str) -> None:
    ask(url, MANY)
    ask(url, "ANALYZE service_location; ANALYZE service_revision")
    box = f"FROM {view} WHERE geom && ST_MakeEnvelope(9.0999, 45.4999, 9.1061, 45.5041, 4326)"
    plan = "\n".join(row[0] for row in ask(url, f"EXPLAIN SELECT * {box}"))
    assert "service_location_geom" in plan
    assert "Seq Scan" not in plan
    assert ask(url, f"SELECT count(*) {box}") == [(12,)]


def test_an_edition_from_postgis_is_the_one_from_sqlite(cli, pack_var, url, tmp_path) -> None:
    done = cli("build", "--offline", var=tmp_path / "var", PROSSIMA_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    from_file, from_server = (current(var / "editions") for var in (pack_var, tmp_path / "var"))
    assert from_server.name[-8:] == from_file.name[-8:]
    assert not (tmp_path / "var" / "catalogue.sqlite").exists()
    assert len(seen(url)) > 50


def test_a_dump_restores_the_record_and_the_views(postgres, url: str, catalogue) -> None:
    catalogue.record(batch(at("civic", "a"), at("civic", "b", "antiviolenza")))
    dump = run("pg_dump", url)
    with postgres.database("template0") as other:
        run("psql", other, "--set=ON_ERROR_STOP=1", "--quiet", typed=dump)
        assert seen(other) == ["a"]
        with Catalogue.open(other) as restored:
            assert restored.current() == catalogue.current()
            restored.record(batch(at("civic", "c")))
        assert seen(other) == ["c"]


def test_the_documented_set_up_works(postgres, tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "operating.md").read_text(encoding="utf-8")
    set_up, rights = re.findall("```sql\n(.*?)```", page, re.DOTALL)
    [commands] = re.findall("```sh\n(pg_dump.*?)```", page, re.DOTALL)
    told = ("--set=ON_ERROR_STOP=1", "--quiet")
    run("psql", postgres.url("postgres"), *told, typed=set_up)
    owner = postgres.url("prossima").replace("postgres@", "prossima@")
    with Catalogue.open(owner) as catalogue:
        catalogue.record(batch(at("civic")))
    run("psql", postgres.url("prossima"), *told, typed=rights)
    for view in ("qgis_services", "qgis_nido"):
        assert seen(owner.replace("prossima@", "gis@"), view) == ["a"]
    postgres.say("CREATE DATABASE restored")
    for command_line in commands.splitlines():
        program, *words = command_line.split()
        subprocess.run(  # noqa: S603
            [server_program().with_name(program), *words],
            cwd=tmp_path,
            env={"PGHOST": str(postgres.socket), "PGUSER": "postgres"},
            check=True,
        )
    assert seen(postgres.url("restored")) == ["a"]


def run(program: str, url: str, *options: str, typed: str = "") -> str:
    program = str(server_program().with_name(program))
    done = subprocess.run(  # noqa: S603 - the server's own
        [program, *options, url.replace("+psycopg", "")],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
