"""Every configured city, built from the mirror and served: one code, three kinds of city."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from api.exports import formats
from ingest.source import source
from mapping.city import City, cities, city
from mapping.coverage.demand_points import FILE as DEMAND
from mapping.disclosure import publishes_income
from mapping.edition.edition import Edition, current
from mapping.tables import AGE_BANDS, INCOME_GRADIENT, INTERVAL
from tests.api.conftest import Server, serving

pytestmark = pytest.mark.shared


@dataclass(frozen=True)
class Place:
    """A city with its edition, its server and what its build said."""

    city: City
    edition: Edition
    server: Server
    report: str


Places = Callable[[str], Place]


@pytest.fixture(scope="module")
def places(request, cli, mirror: Path, pack: Path, tmp_path_factory) -> Iterator[Places]:
    """Build and serve a city when it is first asked for."""
    with ExitStack() as running:

        @cache
        def served(name: str) -> Place:
            var = tmp_path_factory.mktemp(name)
            if name == "milano":
                var = request.getfixturevalue("milano_var")
            else:
                built = ("build", "--city", name, "--offline", "--mirror", str(mirror))
                done = cli(*built, var=var)
                assert done.returncode == 0, done.stderr
                (var / "report.txt").write_text(done.stdout, encoding="utf-8")
            edition = Edition.open(current(var / "editions"))
            report = (var / "report.txt").read_text(encoding="utf-8")
            log = tmp_path_factory.mktemp("log") / "city.log"
            server = running.enter_context(serving(var, pack, log))
            return Place(city(name), edition, server, report)

        yield served


@pytest.fixture(params=cities())
def place(request, places: Places) -> Place:
    return places(request.param)


@pytest.fixture
def torino(places: Places) -> Place:
    return places("torino")


@pytest.fixture
def cinisello(places: Places) -> Place:
    return places("cinisello_balsamo")


def test_every_row_of_every_source_is_accounted_for(place: Place) -> None:
    for read in place.edition.manifest.sources:
        others = read.rows_out_of_scope + read.rows_quarantined
        assert read.rows_in == read.rows_kept + others > 0
        assert read.licence


def test_every_source_is_read_or_its_absence_told(place: Place) -> None:
    read = {entry.id for entry in place.edition.manifest.sources}
    had = {source(name).yields for name in read}
    # Of streets one source is enough; whatever else was not read is named.
    absent = {n for n in set(place.city.sources) - read if source(n).yields not in had}
    assert {name for name in absent if f"missing: {name}: " not in place.report} == set()


LIVE_ONLY = ("osm_walk", "civici_torino", "anncsu")


def test_checking_the_sources_says_of_each_from_where_or_why_not(place, cli, mirror) -> None:
    asked = ("sources", "check", "--city", place.city.id, "--offline", "--mirror", str(mirror))
    lines = cli(*asked, var=place.server.var).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(place.city.sources)
    for line in lines:
        name, origin, *reason = line.split()
        assert origin in ("mirror", "bundled") or (origin == "none" and name in LIVE_ONLY)
        assert reason


def test_the_middle_of_the_city_has_services_near(place: Place) -> None:
    lon, lat = place.city.centre
    said = place.server.nearest({"lon": lon, "lat": lat}, categories=["scuola_infanzia"])
    assert not said["origin"]["outside_city"]
    assert len(said["results"]) == 5
    assert {found["estimated"] for found in said["results"]} == {not place.edition.network}


def test_low_income_is_a_range_where_it_is_declared_and_null_elsewhere(place: Place) -> None:
    areas = place.edition.areas.to_pandas()
    ends = [f"children_low_income{end}" for end in ("_min", "", "_max")]
    larger = [name for name in ("municipality", *place.city.levels) if publishes_income(name)]
    parts = areas[areas["level"].isin(larger)]
    declared = "income" in {source(name).yields for name in place.city.sources}
    assert parts[ends].notna().all(axis=None) == parts[ends].notna().any(axis=None) == declared
    least, middle, most = (parts[end].dropna() for end in ends)
    assert ((least <= middle) & (middle <= most)).all()
    assert (most <= parts.loc[most.index, list(AGE_BANDS)].sum(axis=1) + 15).all()
    small = areas[~areas["level"].isin(larger)]
    assert small[[*ends, "mean_income_euro"]].isna().all(axis=None)


def test_nothing_by_nil_or_section_is_of_incomes_and_city_figures_have_their_interval(
    place: Place,
) -> None:
    covered = place.edition.rows("coverage.parquet").to_pandas()
    told = set(covered.loc[covered["share_low_income_served"].notna(), "level"])
    assert told <= {"municipality", "municipio"}
    equity = place.edition.rows("equity.parquet").to_pandas()
    for name in INCOME_GRADIENT:
        value, low, high = (equity[f"{name}{end}"] for end in INTERVAL)
        known = equity.loc[value.notna(), "level"]
        assert set(known) <= {"municipality"}
        assert (low.notna() == value.notna()).all()
        assert (low <= high)[value.notna()].all()
    declared = "income" in {source(name).yields for name in place.city.sources}
    assert equity["concentration"].notna().any() == declared


def test_a_point_beyond_the_border_is_flagged(place: Place) -> None:
    lon, lat = place.city.centre
    said = place.server.nearest({"lon": lon + 0.5, "lat": lat}, max_minutes=1)
    assert said["origin"]["outside_city"]


@pytest.mark.parametrize("address", ["/", "/maps/services.html", "/maps/coverage.html", "/docs"])
def test_the_pages_answer(place: Place, address: str) -> None:
    assert place.server.client.get(address).status_code == 200


def test_the_pages_speak_the_words_of_the_city(place: Place) -> None:
    home = place.server.client.get("/").text
    assert place.city.name in home
    assert ("Circoscrizione" in home) == (place.city.id == "torino")
    assert ("Quartiere (NIL)" in home) == ("nil" in place.city.levels)
    lon, lat = place.city.centre
    form = {"lon": str(lon), "lat": str(lat), "category": "scuola_infanzia"}
    assert place.server.client.post("/maps/nearest", data=form).status_code == 200
    answer = place.server.client.post("/", data=form)
    assert answer.status_code == 200
    assert ("Circoscrizione 1" in answer.text) == (place.city.id == "torino")
    assert ("Municipio 1" in answer.text) == (place.city.id == "milano")


@pytest.mark.parametrize("kind", formats())
def test_an_export_holds_the_layers_of_the_city_but_not_who_lives_where(
    place, cli, tmp_path, kind
) -> None:
    done = cli("export", kind, "--out", str(tmp_path), var=place.server.var)
    assert done.returncode == 0, done.stderr
    written = {path.name for path in tmp_path.iterdir()}
    assert place.edition.has(DEMAND) or place.city.id != "milano"
    assert not [name for name in written if "demand" in name]
    if kind == "csv":
        areas = pd.read_csv(tmp_path / "areas.csv", dtype=str)
        assert {"municipio", "nil"} & set(areas["level"]) == set(place.city.levels)
    if kind != "gpkg":
        assert (f"stops.{kind}" in written) == place.edition.has("stops.parquet")
    else:
        held = {name for name, _ in pyogrio.list_layers(tmp_path / "prossima.gpkg")}
        assert {f"areas_{level}" for level in place.city.levels} < held
        assert "demand" not in held
        assert ("stops" in held) == place.edition.has("stops.parquet")


def test_far_is_claimed_only_where_streets_were_walked(place: Place) -> None:
    classes = set(place.edition.coverage()["class"].to_pylist())
    assert "far" not in classes or place.edition.network is not None
    said = place.server.get("/v1/coverage?category=scuola_infanzia")["results"]
    assert said
    # Over the border walks are estimated where there are streets too.
    estimated = {row["estimated"] for row in said}
    assert False in estimated if place.edition.network else estimated == {True}


def test_people_are_counted_by_the_circoscrizione_that_their_section_names(torino, mirror) -> None:
    census = pd.read_csv(mirror / "torino/Torino_cpa_2011.csv", sep=";")
    rows = torino.server.get("/v1/areas/municipio")["results"]
    second = census[census["CODASC"].isin([2, 10])]
    by_id = {row["area_id"]: row for row in rows}
    assert abs(by_id["2"]["residents"] - second["P1"].sum()) <= 2.5
    assert by_id["2"]["name"] == "Circoscrizione 2"
    assert census["P1"].sum() == 872_367
    assert abs(sum(row["residents"] for row in rows) - 872_367) <= 2.5 * len(rows)
    # Ages 0-4 are all of the first band and two fifths of the second, about.
    assert by_id["2"]["children_0_2"] == pytest.approx(0.6 * second["P14"].sum(), rel=0.03)
    assert any(reason.startswith("sections: ") for reason in torino.server.get("/ready")["missing"])


def test_the_circoscrizioni_of_2011_lie_in_those_of_today(mirror: Path) -> None:
    outlines = gpd.read_file(mirror / "torino/circoscrizioni_wgs84.geojson")
    census = pd.read_csv(mirror / "torino/Torino_cpa_2011.csv", sep=";")[["SEZ2011", "CODASC"]]
    stops = pd.read_csv(mirror / "torino/Torino_TPL.csv", sep=";").merge(census, on="SEZ2011")
    points = gpd.GeoDataFrame(
        stops, geometry=gpd.points_from_xy(stops["Long"], stops["Lat"]), crs=4326
    )
    pairs = points.sjoin(outlines)[["CODASC", "NCIRCO"]].drop_duplicates()
    merged = {9.0: 8, 10.0: 2}
    assert len(pairs) == 10
    assert all(merged.get(old, old) == new for old, new in pairs.itertuples(index=False))


def test_rows_of_one_stop_are_one_stop_with_all_its_lines(torino: Place) -> None:
    stops = torino.edition.table("stops.parquet").to_pylist()
    assert len(stops) == 2430
    assert len({stop["stop_id"] for stop in stops}) == 2430
    assert max(len(stop["lines"]) for stop in stops) > 5


def test_the_libraries_of_the_province_are_left_out(torino: Place) -> None:
    rows = torino.server.get("/v1/services?category=biblioteca")["results"]
    assert len(rows) == 13
    assert {row["municipio"] for row in rows} <= {str(number) for number in range(1, 9)}


def test_the_case_del_quartiere_of_torino_are_placed_and_walked_to(torino: Place) -> None:
    lon, lat = torino.city.centre
    said = torino.server.nearest(
        {"lon": lon, "lat": lat}, categories=["casa_quartiere"], count=9, max_minutes=120
    )
    assert said["unplaced"] == []
    assert len(said["results"]) == 9
    assert not any(row["estimated"] for row in said["results"])
    # No walk is shorter than a straight line at the adult's 80 metres a minute.
    assert all(row["seconds"] >= row["metres"] / (80 / 60) - 1 for row in said["results"])


def test_without_sections_the_grey_zones_say_what_is_missing(torino: Place) -> None:
    asked = torino.server.client.get("/rete?category=casa_quartiere").text
    assert "mancano le sezioni di censimento" in asked
    assert not torino.server.get("/v1/greyzones?category=casa_quartiere")["sections"]


def test_where_residents_are_unknown_coverage_claims_nothing(cinisello: Place) -> None:
    (row,) = cinisello.server.get("/v1/coverage?category=farmacia")["results"]
    assert (row["class"], row["reason"]) == ("unsure", "residents_unknown")
    assert (row["demand"], row["seconds"], row["share_15"]) == (None, None, None)
    (area,) = cinisello.server.get("/v1/areas/municipality")["results"]
    assert area["residents"] is None
    missing = cinisello.server.get("/ready")["missing"]
    assert any(reason.startswith("residents: ") for reason in missing)


def test_a_city_that_is_not_divided_says_so(cinisello: Place) -> None:
    refused = cinisello.server.client.post("/v1/nearest", json={"where": {"nil": "Centro"}})
    assert refused.status_code == 404
    assert "no parts" in refused.text or "not divided" in refused.text
    assert cinisello.server.client.get("/v1/services?municipio=1").status_code == 404


def test_one_declaration_of_a_regional_file_serves_both_cities(cinisello: Place) -> None:
    assert "scuole_2026" in set(city("milano").sources) & set(cinisello.city.sources)
    kept = {entry.id: entry.rows_kept for entry in cinisello.edition.manifest.sources}
    assert kept["scuole_2026"] == 29
    assert kept["farmacie_lombardia"] == 20
    assert kept["ospedali_lombardia"] == 2


def test_services_of_another_city_in_the_catalogue_stay_out(cinisello, cli, tmp_path) -> None:
    # The schools of a regional file, read for one city; then another is built that lacks the file.
    shutil.copy(cinisello.server.var / "catalogue.sqlite", tmp_path)
    accepted = ("--accept", "schede_qubi")  # ten times as many in the second city
    assert cli("build", "--city", "milano", "--offline", *accepted, var=tmp_path).returncode == 0
    services = Edition.open(current(tmp_path / "editions")).services
    assert set(services["city"].to_pylist()) <= {"Milano", None}
    assert "scuole_2026" not in services["source_id"].to_pylist()
