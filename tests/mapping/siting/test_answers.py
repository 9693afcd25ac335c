"""Plans on a drawn city: one street of 3 km on which people live evenly, counted by hand."""

import time
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from api.i18n.language import words
from api.i18n.plan_sentences import change_in_words, site_in_words
from mapping.build import BuildInput
from mapping.city import city
from mapping.coverage.border import Beyond
from mapping.edition.edition import Edition, current
from mapping.edition.queries import UNDECLARED
from mapping.errors import (
    BadInputError,
    NoRecordsError,
    NothingCountedError,
    OutsideItalyError,
    UnknownServiceError,
)
from mapping.geocoding.build_gazetteer import gazetteer_from_anchors
from mapping.model import Location, Position, Provenance, Service
from mapping.siting import answers
from mapping.siting.answers import change, fragile, site
from mapping.siting.asks import Ask, SiteAsk
from mapping.siting.inputs import PlanData
from mapping.siting.problem import finished_in
from mapping.siting.requested_changes import RequestedChange
from mapping.territory.areas import Layers
from tests.mapping.drawn import draw
from tests.mapping.drawn_city import EAST, MILANO, NORTH, build_some, place

# 3000 people on 60 points 50 m apart. An adult walks 1200 m in 15 minutes: a service at the western
# end serves the first 24 points, one at 2400 m the other 36.
STREET = "A" + "-" * 29 + "B"
AT = {"vicina": 100, "mezzo": 1500, "lontana": 2400, "fondo": 2900}


def layers() -> Layers:
    box = shapely.box(EAST - 500, NORTH - 500, EAST + 3500, NORTH + 500)
    area = {"area_id": ["1"], "name": ["Disegnato"], "residents": [3000.0]}
    frame = gpd.GeoDataFrame(area, geometry=[box], crs=MILANO.epsg).to_crs(4326)
    classes = ("0_4", "5_9", "10_14", "15_19", "20_24", "25_29", "30_34")
    ages = {f"class_{name}": [200.0] for name in classes}
    census = pd.DataFrame({"area_id": ["1"], "residents": [3000.0], **ages})
    return Layers(frame, frame, sections=frame, census=census)


def nido(name: str, metres: float, *, assured: str = "2026-02", capacity: int | None = None):
    lon, lat = place(metres)
    spot = Position(lon=lon, lat=lat, precision="premises", error_metres=0)
    return Service(
        service_id=f"prova:{name}",
        name=f"Nido inventato {name}",
        categories=("nido",),
        locations=(Location(location_id=f"prova:{name}@1", position=spot),),
        capacity=capacity,
        provenance=Provenance(source_id="prova", assured_date=assured),
    )


def drawn(
    root: Path,
    *services: Service,
    premises: bool = True,
    beyond: Beyond | None = None,
    on: Layers | None = None,
    street: str = STREET,
) -> PlanData:
    lines, _ = draw(street, cell=100)
    lines = lines.set_geometry(lines.geometry.translate(EAST, NORTH))
    rows = [
        {"premises_id": name, "name": f"Sede {name}", "kind": "scuola", "source_id": "prova",
         "categories": [], "category_basis": None,
         "error_metres": 0.0,
         **dict(zip(("lon", "lat"), place(metres), strict=True))}
        for name, metres in AT.items()
    ]  # fmt: skip
    given = BuildInput(
        MILANO,
        on or layers(),
        lines,
        None,
        gazetteer_from_anchors([], MILANO),
        list(services),
        sources=[],
        beyond=beyond,
    )
    given = replace(given, premises=pd.DataFrame(rows) if premises else None)
    return PlanData(build_some(given, root, categories=("nido",)), MILANO)


@pytest.fixture(scope="module")
def ground(tmp_path_factory) -> PlanData:
    return drawn(tmp_path_factory.mktemp("piano"), nido("ovest", 0))


def codes(said: dict) -> set[str]:
    return {warning["code"] for warning in said["warnings"]}


def test_the_site_that_reaches_all_others_is_proposed_and_explained(ground: PlanData) -> None:
    said = site(ground, SiteAsk("nido", count=2))
    (best,) = said["sites"]
    assert (best["id"], best["rank"]) == ("lontana", 1)
    # Of 110 children 44 are within: 45 of 110, as both are published.
    assert (said["before"]["share"], said["after"]["share"]) == (0.41, 1.0)
    assert best["people"] == said["after"]["within"] - said["before"]["within"]
    assert best["by_area"] == [
        {"level": "nil", "area_id": "1", "name": "Disegnato", "people": best["people"]}
    ]
    assert best["by_age"] == {"children_0_2": best["people"]}
    text = site_in_words(said, words("it"))["sites"][0]["words"]
    assert f"{best['people']} bambini in più entro 15 minuti a piedi" in text
    assert (said["solution"]["status"], said["solution"]["gap"]) == ("optimal", 0)


def test_a_service_over_the_border_is_walked_to_and_neither_counted_nor_closed(
    ground: PlanData, tmp_path: Path
) -> None:
    outside = Beyond([nido("fuori", 2400, capacity=100)], frozenset({"nido"}))
    around = drawn(tmp_path, nido("ovest", 0), beyond=outside)

    alone, said = (site(data, SiteAsk("nido", count=2)) for data in (ground, around))
    assert said["before"]["share"] > alone["before"]["share"]
    assert said["basis"]["services"] == alone["basis"]["services"] == 1
    ranked = fragile(around, Ask("nido"))["services"]
    assert [row["service_id"] for row in ranked] == ["prova:ovest"]
    with pytest.raises(UnknownServiceError):
        change(around, Ask("nido"), [RequestedChange("close", "prova:fuori")])


def test_what_a_plan_rests_on_and_leaves_open_is_said(ground: PlanData, tmp_path: Path) -> None:
    said = site(ground, SiteAsk("nido", count=2))
    assert codes(said) == {"catalogue_incomplete", "premises_unchecked", "fewer_sites"}
    assert said["completeness"]["nido"]["status"] == "partial"
    old = drawn(tmp_path, nido("ovest", 0, assured="2019"), nido("est", 2400))
    counted = site(old, SiteAsk("nido"))
    assert (counted["basis"]["services"], counted["basis"]["stale"]) == (2, 1)
    assert "records_unverified" in codes(counted)
    firm = site(old, SiteAsk("nido", basis="verified"))
    assert (firm["basis"]["services"], firm["basis"]["left_out"]) == (1, 1)
    assert ("records_left_out", 1) in {(one["code"], one["number"]) for one in firm["warnings"]}
    assert firm["sites"][0]["id"] == "vicina"


def test_minutes_saved_are_those_of_who_gains(ground: PlanData) -> None:
    (best,) = site(ground, SiteAsk("nido"))["sites"]
    # The 36 points beyond 1200 m gain: 24 of them 50, 150, ... 2350 m, the others 2400 m. Half of
    # the 36 save at most the eighteenth, 1750 m.
    assert best["median_minutes_saved"] == pytest.approx(1750 / 80, abs=0.1)


def test_places_are_shared_out_and_unknown_ones_are_not_guessed(tmp_path: Path) -> None:
    known = drawn(tmp_path / "a", nido("ovest", 0, capacity=10))
    said = site(known, SiteAsk("nido", count=2, objective="capacity", places=30, site_places=20))
    assert sum(one["places"] for one in said["sites"]) == 30
    assert max(one["places"] for one in said["sites"]) == 20
    assert (said["solution"]["before"], said["solution"]["objective"]) == (10, 40)
    unknown = drawn(tmp_path / "b", nido("ovest", 0))
    asked = SiteAsk("nido", count=1, objective="capacity", places=30)
    assert "places_unknown" in codes(site(unknown, asked))


def test_shortest_walks_and_fair_ones_are_proposed_too(ground: PlanData) -> None:
    for aversion in (0.0, 1.0):
        said = site(ground, SiteAsk("nido", objective="median", aversion=aversion))
        assert said["sites"][0]["id"] == "lontana"
        assert said["solution"]["objective"] < said["solution"]["before"]
        assert said["solution"]["beyond_minutes"] == 30


def test_crossings_and_places_of_other_services_are_candidates(tmp_path: Path) -> None:
    other = nido("biblioteca", 2400).model_copy(update={"categories": ("biblioteca",)})
    ground = drawn(tmp_path, nido("ovest", 0), other, premises=False)
    hosts = site(ground, SiteAsk("nido", candidates="services"))
    assert hosts["sites"][0]["id"] == "prova:biblioteca|prova:biblioteca@1"
    nodes = site(ground, SiteAsk("nido", candidates="nodes"))
    assert nodes["sites"][0]["id"].startswith("incrocio:")
    with pytest.raises(BadInputError, match=r"Use the candidates 'services' or 'nodes'"):
        site(ground, SiteAsk("nido"))


def test_nothing_is_planned_of_a_category_without_records(tmp_path: Path) -> None:
    data = drawn(tmp_path)
    east = dict(zip(("lon", "lat"), place(2400), strict=True))
    for plan in (
        lambda: site(data, SiteAsk("nido")),
        lambda: fragile(data, Ask("nido")),
        lambda: change(data, Ask("nido"), [RequestedChange("add", places=20, **east)]),
    ):
        with pytest.raises(NoRecordsError, match="No service of 'nido' is known"):
            plan()


def test_nothing_is_told_where_no_record_is_verified(tmp_path: Path) -> None:
    data = drawn(tmp_path, nido("ovest", 0, assured="2019"))
    lon, lat = place(2400)
    for plan in (
        lambda: site(data, SiteAsk("nido", basis="verified")),
        lambda: fragile(data, Ask("nido", basis="verified")),
        lambda: change(
            data, Ask("nido", basis="verified"), [RequestedChange("add", lon=lon, lat=lat)]
        ),
    ):
        with pytest.raises(NothingCountedError, match="Of the 1 known services of 'nido' none"):
            plan()
    assert site(data, SiteAsk("nido"))["before"]["within"] > 0


def test_no_minutes_are_told_against_records_that_are_left_out(tmp_path: Path) -> None:
    data = drawn(tmp_path, nido("ovest", 0, assured="2019"), nido("est", 2400))
    (best,) = site(data, SiteAsk("nido", basis="verified"))["sites"]
    assert best["people"] > 0
    assert (best["median_minutes_saved"], best["mean_minutes_saved"]) == (None, None)
    shortest = site(data, SiteAsk("nido", basis="verified", objective="median"))
    assert shortest["solution"]["objective"] is None
    assert shortest["after"]["median_minutes"] is None
    every = site(data, SiteAsk("nido", objective="median"))
    assert every["solution"]["objective"] is not None


def test_a_scenario_is_told_by_area(ground: PlanData) -> None:
    east = dict(zip(("lon", "lat"), place(2400), strict=True))
    said = change(ground, Ask("nido"), [RequestedChange("add", places=20, **east)])
    assert [row["level"] for row in said["areas"]] == ["municipality", "municipio", "nil"]
    (city_row, *_) = said["areas"]
    assert (city_row["before"]["share"], city_row["after"]["share"]) == (0.41, 1.0)
    text = change_in_words(said, words("it"))["words"]
    assert "in più entro 15 minuti a piedi" in text
    assert city_row["after"]["places_per_100"] is None  # of the other, nobody knows them
    emptied = change(ground, Ask("nido"), [RequestedChange("close", "prova:ovest")])
    assert emptied["after"]["share"] == 0
    assert emptied["after"]["median_minutes"] is None
    moved = change(ground, Ask("nido"), [RequestedChange("move", "prova:ovest", **east)])
    assert moved["after"]["share"] == 0.59  # 65 of 110


def test_a_scenario_says_where_it_was_computed_and_how_far_that_is(ground: PlanData) -> None:
    lon, lat = place(2330)
    east, at = change(ground, Ask("nido"), [RequestedChange("add", lon=lon, lat=lat)]), place(2400)
    (computed,) = change_in_words(east, words("it"))["changes"]
    known = change(ground, Ask("nido"), [RequestedChange("add", lon=at[0], lat=at[1])])
    (exact,) = change_in_words(known, words("it"))["changes"]
    x, _ = ground.metres([computed])
    asked, _ = ground.metres([{"lon": lon, "lat": lat}])
    assert computed["snapped_metres"] == pytest.approx(abs(x[0] - asked[0]), abs=1)
    assert computed["snapped_metres"] > 1
    assert computed["words"] == (
        f"Modifica 1: il conto è fatto all'incrocio più vicino, a {computed['snapped_metres']} m"
        f" dal punto indicato (lon {computed['lon']}, lat {computed['lat']})."
    )
    assert (exact["snapped_metres"], exact["words"]) == (0, None)  # a public building stands there
    closed = change(ground, Ask("nido"), [RequestedChange("close", "prova:ovest")])
    assert closed["changes"][0]["snapped_metres"] is None


@pytest.mark.parametrize(
    ("listed", "capacity", "told"),
    [("complete", 20, 0), ("complete", None, None), ("partial", 20, None)],
)
def test_no_places_are_told_where_none_is_known_or_the_list_is_partial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: str, capacity: int | None, told
) -> None:
    """Two municipi: the services stand in the western one, and one is added in the eastern."""
    data = drawn(tmp_path, nido("ovest", 0, capacity=capacity), on=two_municipi())
    monkeypatch.setitem(
        data.edition.manifest.parameters["completeness"], "nido", {**UNDECLARED, "status": listed}
    )
    lon, lat = place(2400)
    added = [RequestedChange("add", lon=lon, lat=lat, places=30)]
    rows = {row["area_id"]: row for row in change(data, Ask("nido"), added)["areas"]}
    assert rows["est"]["before"]["places_per_100"] == told
    assert (rows["est"]["after"]["places_per_100"] is None) == (told is None)


def two_municipi() -> Layers:
    whole = layers()
    halves = [
        shapely.box(EAST + west, NORTH - 500, EAST + east, NORTH + 500)
        for west, east in ((-500, 1500), (1500, 3500))
    ]
    municipi = gpd.GeoDataFrame(
        {"area_id": ["ovest", "est"], "name": ["Ovest", "Est"], "residents": [1500.0, 1500.0]},
        geometry=halves,
        crs=MILANO.epsg,
    ).to_crs(4326)
    census = pd.concat([whole.census] * 2).assign(area_id=["ovest", "est"])
    return Layers(municipi, municipi, sections=municipi, census=census)


def test_closing_and_adding_back_changes_no_area(ground: PlanData) -> None:
    west = dict(zip(("lon", "lat"), place(0), strict=True))
    requested = [RequestedChange("close", "prova:ovest"), RequestedChange("add", **west)]
    assert change(ground, Ask("nido"), requested)["areas"] == []


def test_whom_most_would_miss_comes_first_with_the_next_nearest(tmp_path: Path) -> None:
    ground = drawn(tmp_path, nido("ovest", 0), nido("est", 2400), nido("centro", 1300))
    first, second, third = fragile(ground, Ask("nido"))["services"]
    assert (first["name"], first["fallback"]) == ("Nido inventato est", "Nido inventato centro")
    assert (second["name"], second["fallback"]) == ("Nido inventato ovest", "Nido inventato centro")
    assert first["losing"] > second["losing"] > third["losing"] == 0
    # The last 500 m, from 2500 m on, have 1200 m to 1700 m to the one at 1300 m.
    assert first["fallback_minutes"] == pytest.approx(1450 / 80, abs=0.4)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"category": "antiviolenza"}, "is confidential"),
        ({"count": 0}, "count is 0. Give 1 to 50"),
        ({"minutes": 1.0}, "minutes is 1.0. Give 5 to 60"),
        ({"minutes": float("nan")}, "minutes is nan"),
        ({"profile": "drone"}, "Unknown profile 'drone'"),
        ({"objective": "best"}, "Unknown objective 'best'. Use one of: cover, median, capacity"),
        ({"candidates": "roofs"}, "Unknown candidates 'roofs'"),
        ({"weight": "votes"}, "Unknown weight 'votes'"),
        ({"basis": "hope"}, "Unknown basis 'hope'"),
        ({"objective": "capacity"}, "needs places"),
        ({"objective": "capacity", "places": -5.0}, "Places are -5. Give 1 or more"),
        ({"places": 5.0}, "belong to the objective 'capacity'"),
        ({"aversion": 1.0}, "belongs to the objective 'median'"),
        ({"max_seconds": 1e9}, "Give up to 60"),
    ],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_refused_in_one_line(asked: dict, said: str) -> None:
    with pytest.raises(BadInputError, match=said) as caught:
        SiteAsk(**{"category": "nido", **asked})
    assert "\n" not in str(caught.value)


def test_changes_that_cannot_be_are_refused(ground: PlanData) -> None:
    def refused(error: type[Exception], said: str, *requested: RequestedChange) -> None:
        with pytest.raises(error, match=said):
            change(ground, Ask("nido"), requested)

    far = dict(zip(("lon", "lat"), place(9000), strict=True))
    refused(BadInputError, "0 changes. Give 1 to 100")
    refused(BadInputError, "2 km from where anybody", RequestedChange("add", **far))
    refused(BadInputError, "needs a point", RequestedChange("add", lon=9.2))
    refused(OutsideItalyError, "outside Italy", RequestedChange("add", lon=float("nan"), lat=45.4))
    refused(OutsideItalyError, "outside Italy", RequestedChange("add", lon=45.4, lat=9.2))
    refused(UnknownServiceError, "No service 'prova:nord'", RequestedChange("close", "prova:nord"))
    refused(BadInputError, "needs places", RequestedChange("resize", "prova:ovest"))
    with pytest.raises(BadInputError, match="No source tells incomes"):
        site(ground, SiteAsk("nido", weight="low-income"))


def test_without_streets_there_is_no_plan(pack_var: Path) -> None:
    edition = Edition.open(current(pack_var / "editions"))
    with pytest.raises(BadInputError, match="A plan needs streets"):
        PlanData(edition, city("milano"))


def test_the_time_of_a_plan_bounds_what_comes_before_the_solver_too(ground, monkeypatch) -> None:
    def slow(*_: object) -> None:
        time.sleep(5)

    monkeypatch.setattr(answers, "problem_of", slow)
    begun = time.monotonic()
    with pytest.raises(BadInputError, match=r"within 0\.1 s\. Give more time"):
        site(ground, SiteAsk("nido", max_seconds=0.1))
    assert time.monotonic() - begun < 2  # the figures of the sites get no time of their own


def test_what_fails_within_the_time_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        finished_in(10, lambda: 1 / 0)
