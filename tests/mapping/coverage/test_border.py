"""A drawn city of one street with a border, and what lies over it: seconds and shares by hand.

The city is 3 km wide and its street goes on for 400 m beyond its eastern border. Whoever walks to
a pharmacy for ten minutes at 80 metres a minute goes 800 m.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from numpy.testing import assert_allclose

from api.directory import Directory
from api.exports import export, formats
from api.jobs.review import disclose
from api.settings import Settings
from mapping.coverage.border import Beyond, metres_to_border
from mapping.coverage.origins import Points
from mapping.edition.edition import Edition, current
from mapping.edition.withheld import withhold
from mapping.lookup.documents import document
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question
from mapping.model import Location, Position, Provenance, Service
from mapping.territory.areas import Layers
from mapping.walking.profiles import DETOUR_INDEX
from tests.mapping.drawn_city import EAST, MILANO, NORTH, drawn_city, place, service

WIDE, TALL = 3000, 2000
STREET = "A" + "-" * 33 + "B"
FRESH = Provenance(source_id="prova", assured_date="2026-02")
NEAR_EASTERN_BORDER = place(2900)


def wide_city() -> Layers:
    box = shapely.box(EAST, NORTH - TALL, EAST + WIDE, NORTH + TALL)
    area = {"area_id": ["1"], "name": ["Disegnato"], "residents": [3000.0]}
    frame = gpd.GeoDataFrame(area, geometry=[box], crs=MILANO.epsg).to_crs(4326)
    return Layers(frame, frame, sections=frame)


def pharmacy(metres: float, key: str) -> Service:
    return service(metres, key, categories=("farmacia",), provenance=FRESH)


def outside(metres: float, category: str = "farmacia", capacity: int | None = None) -> Service:
    lon, lat = place(metres)
    spot = Position(lon=lon, lat=lat, precision="premises")
    where = Location(location_id="vicino:1", city="Corsico", address="via Prova, 1", position=spot)
    return Service(
        service_id="vicino:1", name="Farmacia di fuori", categories=(category,), locations=(where,),
        capacity=capacity, provenance=FRESH,
    )  # fmt: skip


def built(root: Path, beyond: Beyond | None, *services: Service) -> Edition:
    inside = list(services) or [pharmacy(100, "dentro")]
    return drawn_city(root, inside, STREET, wide_city(), beyond=beyond)


def shares(edition: Edition, category: str = "farmacia") -> dict[str, float]:
    wanted = {"profile": "adult", "window": "any", "requirement": "any"}
    (row,) = edition.coverage(category=category, level="municipality", **wanted).to_pylist()
    return {name: row[f"share_{name}"] for name in ("served", "far", "unsure", "crowded")}


def assert_shares(edition: Edition, **metres: float) -> None:
    found = shares(edition)
    for name, length in metres.items():
        # People set out every 50 m.
        assert_allclose(found[name], length / WIDE, atol=51 / WIDE, err_msg=name)


def test_where_the_world_ends_at_the_border_all_beyond_the_walk_is_far(tmp_path: Path) -> None:
    assert_shares(built(tmp_path, None), served=900, far=2100, unsure=0)


def test_where_nothing_is_known_beyond_no_absence_is_claimed_near_the_border(
    tmp_path: Path,
) -> None:
    edition = built(tmp_path, Beyond())

    # Within 800 m of the western border all are served; of the eastern one nobody knows.
    assert_shares(edition, served=900, far=1300, unsure=800)
    assert shares(edition)["crowded"] == 0


def test_a_service_outside_serves_who_lives_inside(tmp_path: Path) -> None:
    known = Beyond([outside(3300)], frozenset({"farmacia"}))

    # It is within 800 m of those who live beyond 2500 m.
    assert_shares(built(tmp_path, known), served=900 + 500, far=1600, unsure=0)


def test_where_the_streets_outside_are_not_known_a_straight_line_is_in_doubt(
    tmp_path: Path,
) -> None:
    off = outside(3300).model_copy(deep=True)
    spot = off.locations[0].position
    # 300 m north of the street's last 100 m: no street leads there that is known.
    north = spot.model_copy(update={"lat": spot.lat + 600 / 111_200})
    far_off = off.locations[0].model_copy(update={"position": north})
    beyond = Beyond([off.model_copy(update={"locations": (far_off,)})], frozenset({"farmacia"}))

    found = shares(built(tmp_path, beyond))

    # Straight lines of 800 m reach it from 3300 - sqrt(800^2 - 600^2) = 2771 m onward.
    # No street comes near it: along the street and on in a line is an estimate, and serves nobody.
    assert_allclose(found["served"], 900 / WIDE, atol=51 / WIDE)
    assert_allclose(found["unsure"], 229 / WIDE, atol=51 / WIDE)


@pytest.mark.parametrize("streets_metres", [0.0, 5000.0])
def test_a_street_that_is_cut_at_the_border_hides_no_service(
    tmp_path: Path, streets_metres: float
) -> None:
    # The street ends at the border, and goes on 200 m farther: the pharmacy stands at 3200 m.
    drawing = "A" + "-" * 29 + "B C--D"
    beyond = Beyond([outside(3200)], frozenset({"farmacia"}), streets_metres)
    edition = drawn_city(tmp_path, [pharmacy(100, "a")], drawing, wide_city(), beyond=beyond)
    lookup, (lon, lat) = Lookup(edition, MILANO.epsg), NEAR_EASTERN_BORDER

    answer = lookup.nearest(lookup.origin(Where(lon=lon, lat=lat)), Question(("farmacia",)))

    nearest = answer.results[0]
    wanted = {"profile": "adult", "window": "any", "requirement": "any"}
    (row,) = edition.coverage(category="farmacia", level="municipality", **wanted).to_pylist()
    if streets_metres:
        assert_shares(edition, served=900, far=2100, unsure=0)
        assert nearest.service.service_id == "prova:a"
        return
    # 800 m in a straight line; its detour brings 364 m of the street within the walk.
    assert_shares(edition, served=900, far=1500, unsure=600)
    assert_allclose(row["share_10"], (900 + 364) / WIDE, atol=51 / WIDE)
    assert (nearest.service.comune_outside, nearest.estimated) == ("Corsico", True)
    assert_allclose(nearest.seconds, 300 * DETOUR_INDEX / (80 / 60), atol=1)


def astray(metres: float, error_metres: float, published: float | None = None) -> Service:
    """A pharmacy whose place may be wrong; `published` is where its source puts it."""
    known = pharmacy(metres, "incerta").model_copy(deep=True)
    lon, lat = (None, None) if published is None else place(published)
    spot = known.locations[0].position.model_copy(
        update={"error_metres": error_metres, "published_lon": lon, "published_lat": lat}
    )
    return known.model_copy(
        update={"locations": (known.locations[0].model_copy(update={"position": spot}),)}
    )


def test_the_error_of_one_that_is_not_the_nearest_takes_an_absence_back(tmp_path: Path) -> None:
    known = Beyond([], frozenset({"farmacia"}), streets_metres=5000)
    # The one at 1500 m serves from 700 to 2300; the other may stand 1400 m from 250, and then
    # serves as far as 250 + 1400 + 800 = 2450.
    edition = built(tmp_path, known, pharmacy(1500, "a"), astray(250, 1400))
    assert_shares(edition, served=1600, far=550, unsure=850)


@pytest.mark.parametrize(("published", "far"), [(2900, 0), (6000, 700)])
def test_a_record_in_one_of_two_places_is_nowhere_between(
    tmp_path: Path, published: float, far: float
) -> None:
    known = Beyond([], frozenset({"farmacia"}), streets_metres=5000)
    uncertain = astray(250, published - 250, published)
    edition = built(tmp_path, known, pharmacy(1500, "a"), uncertain)
    assert_shares(edition, served=1600, far=far)


def test_where_lists_and_streets_are_known_far_is_far(tmp_path: Path) -> None:
    known = Beyond([], frozenset({"farmacia"}), streets_metres=5000)

    assert_shares(built(tmp_path, known), served=900, far=2100, unsure=0)


def test_places_outside_enter_no_ratio(tmp_path: Path) -> None:
    nido = service(2500, "nido", provenance=FRESH, capacity=10)
    known = Beyond([outside(3300, "nido", 1000)], frozenset({"nido"}))
    ratios = []
    for number, beyond in enumerate((None, known)):
        edition = drawn_city(tmp_path / str(number), [nido], STREET, wide_city(), beyond=beyond)
        (row,) = edition.coverage(
            category="nido", level="municipality", profile="adult", window="any", requirement="any"
        ).to_pylist()
        ratios.append((row["places_per_100"], row["share_capacity_known"], row["demand"]))

    assert ratios[0] == ratios[1]


def test_an_answer_names_the_comune_of_what_lies_outside_and_nothing_counts_it(
    tmp_path: Path,
) -> None:
    edition = built(tmp_path, Beyond([outside(3300)], frozenset({"farmacia"})))
    lookup, question = Lookup(edition, MILANO.epsg), Question(("farmacia",))

    lon, lat = NEAR_EASTERN_BORDER
    answer = lookup.nearest(lookup.origin(Where(lon=lon, lat=lat)), question)
    nearest, other = document(answer, edition.id, question)["results"]

    assert (nearest["name"], nearest["comune_outside"]) == ("Farmacia di fuori", "Corsico")
    assert_allclose(nearest["seconds"], 400 / (80 / 60), atol=1)
    assert (nearest["municipio"], nearest["nil"]) == (None, None)
    assert other["comune_outside"] is None
    assert edition.services["service_id"].to_pylist() == ["prova:dentro"]
    directory = Directory(edition)
    assert [rows[0].service_id for rows in directory.living] == ["prova:dentro"]
    assert directory.find("vicino:1")[0].comune_outside == "Corsico"
    assert directory.search("farmacia di fuori") == []


def test_a_service_outside_can_be_hidden_and_stays_so(tmp_path: Path) -> None:
    root, known = tmp_path / "editions", Beyond([outside(3300)], frozenset({"farmacia"}))
    edition = built(root, known)
    settings = Settings(var=tmp_path)
    disclose(settings, "vicino:1", public=False, actor="prova")

    hidden = Edition.open(current(root))
    assert (hidden.outside_rows, hidden.hidden.recomputed) == ((), {"farmacia"})
    written = export(hidden, "csv", tmp_path / "out")
    assert not [path.name for path in written if "vicino:1" in path.read_text("utf-8-sig")]
    disclose(settings, "vicino:1", public=True, actor="prova")
    assert Edition.open(current(root)).outside_ids == {"vicino:1"}
    withhold(root, {"vicino:1"})
    assert built(root, known, pharmacy(0, "a")).outside_ids == set()
    withhold(root, (), public={"vicino:1"})
    assert [row.service_id for row in Edition.open(edition.path).outside_rows] == ["vicino:1"]


def test_a_zone_says_where_its_nearest_service_is(tmp_path: Path) -> None:
    edition = built(tmp_path, Beyond([outside(3350)], frozenset({"farmacia"})), pharmacy(0, "a"))

    names = {zone["nearest_name"] for zone in edition.zones(category="farmacia").to_pylist()}

    assert names <= {"Farmacia di fuori (Corsico)", "Inventato a"}
    assert all(zone["records"] == 1 for zone in edition.zones(category="farmacia").to_pylist())


@pytest.mark.parametrize("kind", formats())
def test_an_export_holds_every_service_that_its_zones_name(tmp_path: Path, kind: str) -> None:
    root, out = tmp_path / "editions", tmp_path / "out"
    known = Beyond([outside(3350)], frozenset({"farmacia"}))
    served = ("farmacia", "nido")
    nowhere = (Location(location_id="prova:persa"),)
    lost = pharmacy(0, "persa").model_copy(update={"locations": nowhere})
    inside = [service(100, "nido"), lost]
    edition = drawn_city(root, inside, STREET, wide_city(), categories=served, beyond=known)
    export(edition, kind, out)

    def read(name: str) -> gpd.GeoDataFrame:
        if kind == "csv":
            return pd.read_csv(out / f"{name}.csv")
        if kind == "gpkg":
            return pyogrio.read_dataframe(out / "prossima.gpkg", layer=name)
        return gpd.read_file(out / f"{name}.geojson")

    named = set(read("greyzones")["nearest_id"].dropna())
    assert "vicino:1" in named
    assert named <= {*read("services")["service_id"], *read("outside")["service_id"]}
    assert list(read("outside")["city"]) == ["Corsico"]
    assert "vicino:1" not in set(read("services")["service_id"])


def test_metres_to_the_border_are_those_of_its_nearest_stretch() -> None:
    outline = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60))

    metres = metres_to_border(np.array([50.0, 10, 50]), np.array([10.0, 50, 35]), outline)

    assert_allclose(metres, [10, 10, 5])
    assert metres_to_border(np.array([0.0]), np.array([0.0]), shapely.Polygon())[0] == np.inf


def test_near_any_measures_each_place_by_its_own_metres() -> None:
    points = Points(np.arange(3), np.ones(3), np.array([0.0, 10, 100]), np.zeros(3))

    near = points.near_any((np.array([0.0, 95]), np.zeros(2)), np.array([5.0, 5]))

    assert near.tolist() == [True, False, True]
    assert not points.near_any((np.zeros(0), np.zeros(0)), np.zeros(0)).any()
