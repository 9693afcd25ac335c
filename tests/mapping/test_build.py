"""Whole builds: Milano from the mirror, a drawn city, and builds that are killed."""

import csv
import functools
import operator
import shutil
import signal
from collections import Counter
from math import inf
from pathlib import Path

import pyarrow.compute as pc
import pytest
import shapely

from api.i18n.language import words
from api.i18n.zone_sentences import zone_why
from api.jobs.build import fetcher
from api.settings import Settings
from ingest.readers.delimited import read_delimited
from ingest.run import Ingest
from ingest.services import read_services
from ingest.source import Source
from mapping.catalogue.catalogue import Catalogue
from mapping.city import city
from mapping.config import read_config
from mapping.coverage.case_measure import FASTER
from mapping.coverage.classes import ABSENT
from mapping.coverage.situations import BASE
from mapping.crs import to_degrees
from mapping.edition.edition import Edition, current, list_editions
from mapping.edition.geoparquet import geometries
from mapping.edition.queries import (
    completeness,
    coverage_rows,
    require_figures,
    without_records,
    zone_rows,
)
from mapping.errors import NoRecordsError, SourceError, UnknownAreaError
from mapping.greyzones.lineage import KIND
from mapping.hours.opening import parse_when
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question
from mapping.model import Location, Position, Provenance, Service
from mapping.services.service_table import flatten
from mapping.tables import AGE_BANDS, CLASSES, RANKINGS
from mapping.taxonomy import category
from mapping.territory.areas import Layers, assemble
from mapping.territory.population import DISAGREEING, demand
from tests.mapping.drawn_city import EAST, MILANO, NORTH, TODAY, drawn_city, place, square


@pytest.fixture(scope="module")
def milano(milano_var: Path) -> Edition:
    return Edition.open(current(milano_var / "editions"))


@pytest.mark.shared
def test_every_section_and_every_resident_is_kept(milano: Edition) -> None:
    areas = milano.areas
    levels = Counter(areas["level"].to_pylist())
    assert (levels["section"], levels["unplaced"]) == (7094, 1)
    assert (levels["municipio"], levels["nil"]) == (9, 88)
    people = {
        level: pc.sum(areas.filter(pc.field("level") == level)["residents"]).as_py()
        for level in levels
    }
    assert people["municipality"] == 1_349_930
    # Of each area but the city they are rounded to five.
    slack = 2.5 * (levels["nil"] + levels["municipio"] + levels["institution"])
    assert abs(people["nil"] - people["municipio"]) <= slack
    assert abs(people["nil"] + people["institution"] + people["unplaced"] - 1_349_930) <= slack
    assert people["section"] is None


@pytest.mark.shared
def test_the_children_of_every_nil_are_the_minors_of_the_registry(
    milano: Edition, mirror: Path
) -> None:
    with (mirror / "population" / "ds205_2011_2024_nil.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["anno"] == "2024"]
    minors = {row["nil"]: int(row["minori"]) for row in rows}
    areas = [row for row in milano.areas.to_pylist() if row["level"] in ("nil", "municipality")]
    # Of Cascina Merlata the census of 2021 knew one resident: 0 to five.
    blank = [row for row in areas if row["children_basis"] == DISAGREEING]
    assert [(row["area_id"], row["residents"]) for row in blank] == [("73", 0)]
    assert {blank[0][band] for band in AGE_BANDS} == {None}
    for row in areas[1:]:
        if row in blank:
            continue
        # Each of five bands is rounded to five.
        assert abs(sum(row[band] for band in AGE_BANDS) - minors[row["area_id"]]) <= 12
        assert row["children_0_2_min"] <= row["children_0_2"] <= row["children_0_2_max"]
        assert row["children_3_5_min"] <= row["children_3_5"] <= row["children_3_5_max"]
    # 28,317 were born in three years, and some of them moved: never the 36,090 of 2011.
    assert 27_000 <= areas[0]["children_0_2"] <= 28_317
    assert 27_000 <= areas[0]["children_0_2_min"] <= areas[0]["children_0_2_max"] <= 30_000
    assert areas[0]["residents_basis"] == "ISTAT, 2021"


@pytest.mark.shared
def test_no_prison_is_among_the_first_zones_of_any_category(milano: Edition) -> None:
    rows = milano.areas.to_pylist()
    institutions = {row["area_id"]: row["name"] for row in rows if row["level"] == "institution"}
    prisons = {section for place in city("milano").institutions for section in place.sections}
    assert prisons == {"360", "2842", "3755", "5132"} <= set(institutions)
    assert all(institutions[section].endswith("(non confermata)") for section in prisons)
    for zone in milano.greyzones.select(["rank", "members"]).to_pylist():
        assert not institutions.keys() & set(zone["members"])


SERVICE_FILES = {
    "scuole_2026", "scuole_2016", "farmacie_2026", "farmacie_2017", "scuole_lombarde",
    "ospedali_lombardia", "schede_qubi", "impianti_sportivi",
    "dbt_premises", "dbt_sedi", "dbt_istituti", "dbt_sfondo", "dbt_streets", "scuole_carcerarie",
    "farmacie_lombardia",
}  # fmt: skip
"""Sources with services, and those of the same file: its hash would confirm a guess at a row."""


@pytest.mark.shared
def test_every_row_of_every_source_is_accounted_for(milano: Edition, milano_var: Path) -> None:
    report = (milano_var / "report.txt").read_text(encoding="utf-8")
    for source in milano.manifest.sources:
        others = source.rows_out_of_scope + source.rows_quarantined
        assert source.rows_in == source.rows_kept + others > 0
        assert (source.sha256 is None) == (source.id in SERVICE_FILES)
        line = next(line for line in report.splitlines() if line.startswith(f"{source.id} "))
        rows_in, kept, beside = (int(number.replace(",", "")) for number in line.split()[2:5])
        said = rows_in, kept, beside
        assert said == (source.rows_in, source.rows_kept, source.rows_out_of_scope)
    # The streets come from the topographic database; OpenStreetMap is the other way to have them.
    # One list is read for what it has over the border alone.
    assert len(milano.manifest.sources) == len(city("milano").sources) - 1 + 1
    assert "7094 section" in report
    assert "1,349,930 residents" in report


@pytest.mark.shared
def test_an_edition_says_what_its_streets_do_not_know(milano: Edition, milano_var: Path) -> None:
    streets = milano.manifest.parameters["network"]
    assert (streets["knows_steps"], streets["slope_share"]) == (
        False,
        pytest.approx(0.786, abs=0.01),
    )
    report = (milano_var / "report.txt").read_text(encoding="utf-8")
    assert "slopes known of 78%; steps not known" in report


@pytest.mark.shared
def test_nidi_and_consultori_are_found_among_the_named_buildings(milano: Edition) -> None:
    rows = milano.services.filter(pc.field("source_id") == "dbt_premises")
    kinds = Counter(map(tuple, rows["categories"].to_pylist()))
    # One of the two consultori shares its door with a nido, and is listed as both.
    assert kinds == {("nido",): 62, ("consultorio",): 1, ("nido", "consultorio"): 1}
    assert set(rows["precision"].to_pylist()) == {"premises"}


@pytest.mark.shared
def test_buildings_say_which_school_they_are_and_zones_name_those_without_a_record(
    milano: Edition,
) -> None:
    rows = milano.table("premises.parquet").to_pylist()
    kinds = Counter(code for row in rows for code in row["categories"])
    assert kinds == {"scuola_infanzia": 142, "scuola_primaria": 78, "scuola_secondaria_1": 44}
    assert {row["category_basis"] for row in rows if row["categories"]} == {
        "Comune di Milano, database topografico 2020, NOME"
    }
    zones = milano.greyzones.select(["category", "reason", "premises_name"]).to_pylist()
    names = {row["premises_name"] for row in zones if row["reason"] == "premises_declared"}
    assert {"SCUOLA DELL'INFANZIA BAMBINI BICOCCA", "SCUOLA MEDIA DI MEREZZATE"} <= names


@pytest.mark.shared
def test_absence_is_claimed_of_complete_lists_only(milano: Edition) -> None:
    declared = milano.manifest.parameters["completeness"]
    complete = {code for code, known in declared.items() if known["status"] == "complete"}
    assert complete == {"farmacia"}
    # The list of infant schools was complete in 2017.
    expired = {code for code, known in declared.items() if known["status"] == "expired"}
    assert expired == {"scuola_infanzia"}
    claims = ("far", "closed", "unsuitable", "crowded")
    said = [pc.field("class").isin(claims), *(pc.field(f"share_{name}") > 0 for name in claims)]
    far = milano.coverage().filter(functools.reduce(operator.or_, said))
    assert set(far["category"].to_pylist()) == complete
    zones = milano.greyzones.filter(pc.field("class") == "far")
    assert set(zones["category"].to_pylist()) == complete


@pytest.mark.shared
def test_what_is_not_known_in_a_situation_neither_serves_nor_is_absent(milano: Edition) -> None:
    # Nobody says which pharmacies speak Arabic, nor when they are open.
    def told(**asked: str) -> list[dict]:
        return milano.coverage(category="farmacia", **BASE._asdict() | asked).to_pylist()

    (usual,) = told(level="municipality")
    for asked, reason in (
        ({"requirement": "arabic"}, "suitability_unknown"),
        ({"window": "saturday"}, "hours_unknown"),
    ):
        (row,) = told(level="municipality", **asked)
        assert (row["share_served"], row["reason"]) == (0, reason)
        assert (row["share_closed"], row["share_unsuitable"]) == (0, 0)
        assert row["share_far"] == pytest.approx(usual["share_far"])
        assert row["seconds"] == usual["seconds"]
        assert told(level="section", **asked) == []
    assert len(told(level="section", profile="stroller")) == len(told(level="section"))


@pytest.mark.shared
def test_children_are_rounded_and_never_given_for_a_section(milano: Edition) -> None:
    for row in milano.areas.select(["level", "children_basis", *AGE_BANDS]).to_pylist():
        children = [row[band] for band in AGE_BANDS]
        is_small = row["level"] in ("section", "neighbour", "unplaced", "institution")
        if is_small or row["children_basis"] == DISAGREEING:
            assert children == [None] * len(children)
        else:
            assert [count % 5 for count in children] == [0] * len(children)


@pytest.mark.shared
def test_shares_of_an_area_with_people_are_a_whole(milano: Edition) -> None:
    rows = milano.coverage(level="nil", **BASE._asdict()).to_pylist()
    people = (pc.field("level") == "nil") & (pc.field("residents") > 0)
    inhabited = set(milano.areas.filter(people)["area_id"].to_pylist())
    asked = {row["category"] for row in rows}
    # Those of one or two residents round to nobody, and have a class all the same.
    assert inhabited <= {row["area_id"] for row in rows}
    told = {(row["area_id"], row["category"]) for row in rows}
    assert len(told) == len(rows)
    parts = milano.areas.filter(people).to_pylist()
    untold = {row["area_id"] for row in parts if row["children_basis"] == DISAGREEING}
    bands = {row["area_id"]: [row[band] for band in AGE_BANDS] for row in parts}
    residents = {row["area_id"]: row["residents"] for row in parts}
    for nil, code in {(nil, code) for nil in inhabited - untold for code in asked} - told:
        # Nobody whom it serves lives there, or so few that they round to nobody.
        kind = category(code)
        few = residents[nil] if kind.counted_ages is None else 0
        of_ages = [0] if kind.counted_ages is None else demand([bands[nil]], [0], kind.counted_ages)
        assert kind.demand == "women_15_49" or few + of_ages[0] < 5
    # Of nobody no class is told.
    assert all(row["demand"] is None or row["demand"] > 0 for row in rows)
    for row in rows:
        # Of fewer than fifty people no share is told, of others whole percents.
        assert row["demand"] is None or (row["share_unsure"] is None) == (row["demand"] < 50)
        if row["demand"] and row["demand"] >= 50:
            whole = sum(row[f"share_{name}"] or 0 for name in CLASSES)
            assert whole == pytest.approx(1, abs=0.03 + 15 / row["demand"])  # of counts in fives
            assert row["share_5"] <= row["share_10"] <= row["share_15"] <= row["share_30"]


@pytest.mark.shared
def test_grey_zones_are_sound_areas_of_the_city(milano: Edition) -> None:
    shapes = geometries(milano.greyzones)
    assert len(shapes) > 100
    assert shapely.is_valid(shapes).all()
    assert set(shapely.get_dimensions(shapes)) == {2}
    west, south, east, north = shapely.total_bounds(shapes)
    assert west > 9.0
    assert south > 45.3
    assert east < 9.3
    assert north < 45.6
    zones = milano.greyzones.to_pylist()
    assert len({zone["zone_id"] for zone in zones}) == len(zones)
    assert {zone["demand"] for zone in zones if zone["sections"] == 1} == {None}
    assert {zone["demand"] % 5 for zone in zones if zone["demand"] is not None} == {0}


@pytest.mark.shared
def test_zones_of_a_situation_share_no_section_and_are_told(milano: Edition) -> None:
    zones = milano.zones().to_pylist()
    cases = Counter(tuple(zone[name] for name in KIND[:-1]) for zone in zones)
    held = Counter(
        (*(zone[name] for name in KIND[:-1]), area) for zone in zones for area in zone["members"]
    )
    assert max(held.values()) == 1
    ranked = [zone for zone in zones if zone["rank"] is not None]
    lists = {(*(z[name] for name in KIND[:-1]), z["ranking"], z["rank"]) for z in ranked}
    assert len(lists) == len(ranked)
    for zone in ranked:
        assert zone["ranking"] != "depends"
        assert category(zone["category"]).is_demand_declared
        assert 1 <= zone["rank"] <= zone["ranked"] <= cases[tuple(zone[n] for n in KIND[:-1])]
    for zone in zones:
        known = zone["probability_low"] is not None
        assert not known or 0.03 <= zone["probability_low"] <= zone["probability_high"] <= 0.97
        assert not known or (zone["demand"] >= 50 and zone["sureness"] != "unknown")
        called, people = zone["call_people"], zone["demand"]
        assert called is None or people is None or called <= people + 5
        assert called is None or zone["call_alone"] <= called
        assert zone["name"] == zone["names"][0]
        assert zone_why(zone, words("it")).endswith(".")
        assert (
            zone["demand"] is None
            or zone["demand_low"] is None
            or (zone["demand_low"] <= zone["demand"] <= zone["demand_high"])
        )


@pytest.mark.shared
def test_every_zone_is_in_the_list_that_its_own_numbers_put_it_in(milano: Edition) -> None:
    zones = milano.zones().to_pylist()
    assert {zone["ranking"] for zone in zones} == set(RANKINGS)
    for zone in zones:
        acceptable = 60 * zone["walk_minutes"]
        # Minutes that are estimated make no zone none.
        seconds, depends_on = zone["seconds"] or inf, {*(zone["depends_on"] or ())} - {"estimate"}
        if zone["class"] not in ABSENT:
            assert (zone["ranking"], depends_on) == ("to_check", set())
            continue
        # Half of the people and more are near where the median walk is; it has one decimal.
        near = {
            name
            for name, limit in (("faster", FASTER * acceptable), ("longer", acceptable + 120))
            if seconds <= limit - 0.1
        }
        assert near <= depends_on
        assert near == depends_on - {"hexagons"} or min(
            abs(seconds - FASTER * acceptable), abs(seconds - acceptable - 120)
        ) < 0.2  # fmt: skip
        assert (zone["ranking"] == "depends") == bool(depends_on)
        if zone["ranking"] == "ascertained" and zone["probability_high"] is not None:
            assert zone["probability_high"] <= 0.2 + 1e-9
        if zone["ranking"] == "to_check" and zone["probability_high"] is not None:
            assert zone["probability_high"] > 0.2 - 1e-9


@pytest.mark.shared
def test_zones_of_one_category_do_not_overlap(milano: Edition) -> None:
    base = pc.field("profile") == "adult"
    for name, value in (("window", "any"), ("requirement", "any"), ("category", "nido")):
        base &= pc.field(name) == value
    shapes = geometries(milano.greyzones.filter(base))
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum())


@pytest.mark.shared
def test_reading_the_same_files_again_makes_no_revision(
    milano_var: Path, mirror: Path, pack: Path, tmp_path: Path
) -> None:
    shutil.copy(milano_var / "catalogue.sqlite", tmp_path)
    shutil.copytree(pack, tmp_path / "data")
    settings = Settings(var=tmp_path, mirror=mirror, data=tmp_path / "data")
    with Catalogue.open(settings.catalogue_url) as catalogue:
        before = {one.service_id: catalogue.history(one.service_id) for one in catalogue.current()}
        assert len(before) > 1000
        Ingest(MILANO, fetcher(settings, offline=True), print).run(catalogue)
        after = {one.service_id: catalogue.history(one.service_id) for one in catalogue.current()}
    assert {len(revisions) for revisions in before.values()} == {1}
    assert after == before


ITINERANT = """
title = "Punto mobile inventato per questa prova"
publisher = "Prova"
licence = "CC0"
attribution = "Prova"
yields = "services"
reader = "csv"
assured_date = "2026-01"
columns = { key = "codice", name = "nome", lon = "x", lat = "y", hours = "orari" }
categories = [{ column = "codice", pattern = ".", category = "consultorio" }]
"""


def itinerant(folder: Path) -> list[Service]:
    """Import an invented mobile point: Tuesday at the western end, Wednesday at the eastern."""
    stops = [(place(0), "mar 10:00-13:00"), (place(1000), "mer 10:00-13:00")]
    rows = [f"M,Camper inventato,{lon:.7f},{lat:.7f},{hours}" for (lon, lat), hours in stops]
    (folder / "camper.csv").write_text("\n".join(["codice,nome,x,y,orari", *rows]) + "\n")
    (folder / "camper.toml").write_text(ITINERANT)
    table = read_delimited(folder / "camper.csv", delimiter=",", source_id="camper")
    source = read_config(folder / "camper.toml", Source, SourceError)
    return read_services(source, table, MILANO, lambda _lon, _lat: True).services


def test_a_place_near_as_the_crow_flies_is_not_called_near(tmp_path: Path) -> None:
    # The ends of a bend of 1800 m, 22 minutes; a straight line would say four.
    bend = "A-------+\n        |\nB-------+"
    lon, lat = to_degrees([EAST], [NORTH - 200], MILANO.epsg)
    spot = Position(lon=float(lon[0]), lat=float(lat[0]), precision="premises")
    service = Service(
        service_id="prova:1",
        name="Servizio inventato",
        categories=("farmacia",),
        locations=(Location(location_id="prova:1", position=spot),),
        provenance=Provenance(source_id="prova"),
    )
    lookup = Lookup(drawn_city(tmp_path, [service], bend), MILANO.epsg)
    origin = lookup.origin(Where(**dict(zip(("lon", "lat"), place(0), strict=True))))
    (found,) = lookup.nearest(origin, Question(("farmacia",), max_minutes=60)).results
    assert (round(found.metres, -1), found.estimated) == (1800, False)
    assert lookup.nearest(origin, Question(("farmacia",), max_minutes=10)).results == []


def test_an_itinerant_point_is_found_where_it_is_that_day(tmp_path: Path) -> None:
    lookup = Lookup(drawn_city(tmp_path, itinerant(tmp_path)), MILANO.epsg)
    lon, lat = place(200)
    origin = lookup.origin(Where(lon=lon, lat=lat))

    def asked(words: str | None) -> list[tuple[int, bool | None]]:
        when = parse_when(words, today=TODAY) if words else None
        found = lookup.nearest(origin, Question(("consultorio",), open_at=when)).results
        assert {one.service.service_id for one in found} <= {"camper:M"}
        return [(round(one.seconds), one.is_open) for one in found]

    # 200 m and 800 m along the street, at 80 metres a minute.
    assert asked("tue 10:30") == [(150, True)]
    assert asked("wed 10:30") == [(600, True)]
    assert asked("wed 13:30") == []
    assert asked(None) == [(150, None), (600, None)]


def test_times_of_an_area_are_those_computed_by_hand(tmp_path: Path) -> None:
    edition = drawn_city(tmp_path, itinerant(tmp_path))
    (row,) = coverage_rows(edition, "consultorio", "nil")
    # Every point of the street is at most 500 m from an end of it; half of them within 250 m.
    assert row["seconds"] == pytest.approx(250 / 80 * 60, abs=25 / 80 * 60)
    assert (row["share_5"], row["share_10"]) == (pytest.approx(0.8, abs=0.05), 1)
    assert (row["class"], row["reason"]) == ("served", "within_walk")
    # Nothing at all is told of what has no record.
    assert coverage_rows(edition, "nido", "nil") == zone_rows(edition, "nido") == []
    assert without_records(edition) >= {"nido"}
    assert completeness(edition, ["nido"])["nido"]["known"] == 0
    with pytest.raises(NoRecordsError, match="No service of 'nido' is known"):
        require_figures(edition, "nido")


def test_streets_are_walked_though_no_section_and_no_nil_is_known(tmp_path: Path) -> None:
    layers = Layers(square().municipi)
    edition = drawn_city(tmp_path, itinerant(tmp_path), layers=layers)
    assert set(edition.areas["level"].to_pylist()) == {"municipality", "municipio"}
    (row,) = coverage_rows(edition, "consultorio", "municipio")
    assert (row["seconds"], row["estimated"]) == (pytest.approx(250 / 80 * 60, abs=19), False)
    assert (row["class"], row["reason"]) == ("served", "within_walk")
    lookup = Lookup(edition, MILANO.epsg)
    origin = lookup.origin(Where(nil="Disegnato"))
    assert (origin.address, origin.municipio, origin.nil) == ("Disegnato", "1", None)
    assert lookup.levels == ["municipio", "municipality"]


def test_an_undivided_city_is_looked_up_by_its_own_outline(tmp_path: Path) -> None:
    itself = square().municipi.assign(area_id=MILANO.istat)
    edition = drawn_city(tmp_path, itinerant(tmp_path), layers=Layers(itself))
    lookup = Lookup(edition, MILANO.epsg)
    inside = lookup.origin(Where(**dict(zip(("lon", "lat"), place(200), strict=True))))
    beyond = lookup.origin(Where(**dict(zip(("lon", "lat"), place(9000), strict=True))))
    assert (inside.municipio, inside.outside_city, beyond.outside_city) == (None, False, True)
    assert (lookup.levels, lookup.quarters) == (["municipality"], [])
    (found, *_) = lookup.nearest(inside, Question(("consultorio",))).results
    assert (round(found.metres), found.service.municipio) == (200, None)
    with pytest.raises(UnknownAreaError, match="Give an address"):
        lookup.origin(Where(nil="Disegnato"))


def hidden() -> Service:
    """A confidential service, invented for the test."""
    lon, lat = place(500)
    spot = Position(lon=lon, lat=lat, precision="civic", error_metres=5)
    where = Location(location_id="prova:casa", address="via Inventata 1", position=spot)
    return Service(
        service_id="prova:casa",
        name="Casa inventata per la prova",
        categories=("consulenza_legale", "antiviolenza"),
        locations=(where,),
        phone="021234567",
        provenance=Provenance(source_id="prova", assured_date="2026"),
    )


def test_a_confidential_service_is_a_phone_number_and_no_place(tmp_path: Path) -> None:
    areas = assemble(square(), MILANO)
    assert len(flatten([hidden()], areas, TODAY)) == 0
    assert MILANO.confidential_contacts[0] == {"category": "antiviolenza", "phone": "1522"}
    edition = drawn_city(tmp_path, [hidden(), *itinerant(tmp_path)])
    assert edition.services["service_id"].to_pylist() == ["camper:M", "camper:M"]
    assert "antiviolenza" not in edition.coverage()["category"].to_pylist()
    assert coverage_rows(edition, "consulenza_legale", "nil") == []
    for file in edition.path.iterdir():
        assert b"Inventata" not in file.read_bytes()
        assert b"Casa inventata" not in file.read_bytes()


@pytest.fixture(scope="module")
def untouched(cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build from the pack, for these tests alone: others build and report in theirs."""
    var = tmp_path_factory.mktemp("untouched")
    assert cli("build", "--offline", var=var).returncode == 0
    return var


def test_building_twice_makes_no_revision_and_the_same_content(cli, untouched, tmp_path) -> None:
    var = tmp_path / "var"
    shutil.copytree(untouched, var)
    first = current(var / "editions").name
    assert cli("build", "--offline", var=var).returncode == 0
    assert current(var / "editions").name[-8:] == first[-8:]
    with Catalogue.open(Settings(var=var).catalogue_url) as catalogue:
        revisions = [catalogue.history(one.service_id) for one in catalogue.current()]
        assert len(catalogue.runs(latest=False)) == 2 * len(catalogue.runs())
    assert {len(history) for history in revisions} == {1}


def test_a_build_that_is_not_published_leaves_the_one_that_is(cli, untouched, tmp_path) -> None:
    var = tmp_path / "var"
    shutil.copytree(untouched, var)
    first = current(var / "editions")
    Path(var / "editions" / first.name).rename(var / "editions" / f"20200101{first.name[8:]}")
    assert cli("build", "--offline", "--no-publish", var=var).returncode == 0
    assert len(list_editions(var / "editions")) == 2
    assert (var / "editions" / "current").read_text().strip() == first.name


MOMENTS = ("rows kept", "coverage:", "grey zones:", "edition ")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_build_that_is_killed_leaves_the_edition_that_was(
    started, untouched: Path, tmp_path: Path, moment: str
) -> None:
    var = tmp_path / "var"
    shutil.copytree(untouched, var)
    served = current(var / "editions")
    process = started("build", "--offline", var=var)
    for line in process.stdout:
        if moment in line:
            break
    process.kill()
    process.wait(timeout=30)
    assert process.returncode in ((-signal.SIGKILL, 0) if moment == MOMENTS[-1] else (-9,))
    # The last moment may come after the pointer has moved: then the new edition is whole.
    now = Edition.open(current(var / "editions"))
    assert now.path == served or moment == MOMENTS[-1]
    lookup = Lookup(now, MILANO.epsg)
    assert lookup.nearest(lookup.origin(Where(nil="8")), Question(("nido",))).results


def test_after_a_killed_build_the_next_one_tidies_up(cli, started, untouched, tmp_path) -> None:
    var = tmp_path / "var"
    shutil.copytree(untouched, var)
    process = started("build", "--offline", var=var)
    next(line for line in process.stdout if "grey zones:" in line)
    process.kill()
    process.wait(timeout=30)
    assert cli("build", "--offline", var=var).returncode == 0
    assert list((var / "editions").glob(".tmp-*")) == []
    with Catalogue.open(Settings(var=var).catalogue_url) as catalogue:
        assert len(catalogue.current()) == 180
