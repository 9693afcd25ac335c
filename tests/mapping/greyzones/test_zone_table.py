"""Zones of a drawn city: one street, sections of 200 m along it, a pharmacy at its end."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest
import shapely
from scipy.optimize import brentq

from api.cli.editions import print_changes
from api.i18n.language import words
from api.i18n.zone_sentences import with_sentences
from api.planner.zone_changes import compare
from mapping.coverage.confidence.draws import CHILDREN_CV
from mapping.coverage.confidence.simulate import interval
from mapping.coverage.confidence.survival import survival
from mapping.coverage.situations import BASE, Situation
from mapping.disclosure import rounded
from mapping.edition.edition import Edition
from mapping.edition.geoparquet import geometries
from mapping.edition.queries import zone_rows
from mapping.errors import BadInputError
from mapping.greyzones.hexagons import most_lack
from mapping.greyzones.lineage import changes
from mapping.greyzones.ranking import StreetRanking, ranked
from mapping.model import Provenance
from mapping.territory.areas import Layers
from mapping.territory.cohorts import Register
from mapping.walk_words import whole_minutes
from tests.mapping.drawn_city import EAST, MILANO, NORTH, TODAY, drawn_city, service

HALF_YEARS = np.arange(18) + 0.5
FRESH = Provenance(source_id="prova", assured_date="2026-02-01", confidence="high")
STALE = Provenance(source_id="prova", assured_date="2016", confidence="high")


def pharmacy(metres: float, key: str, provenance: Provenance = FRESH, **said: object):
    return service(metres, key, categories=("farmacia",), provenance=provenance, **said)


def sections(count: int, residents: float | list[float] = 100.0) -> Layers:
    boxes = [
        shapely.box(EAST + 200 * n, NORTH - 100, EAST + 200 * (n + 1), NORTH + 100)
        for n in range(count)
    ]
    ids = [f"{n + 1}" for n in range(count)]
    frame = gpd.GeoDataFrame(
        {"area_id": ids, "name": ids, "residents": np.full(count, residents)},
        geometry=boxes, crs=MILANO.epsg,
    )  # fmt: skip
    whole = frame.dissolve().assign(area_id="1", name="Disegnato").to_crs(4326)
    return Layers(whole, whole, sections=frame.to_crs(4326))


def town(root: Path, *services, count: int = 16, residents: float | list[float] = 100.0) -> Edition:
    return drawn_city(root, list(services), f"A{'-' * 40}B", sections(count, residents))


def told_zones(edition: Edition, asked: Situation = BASE) -> list[dict]:
    return with_sentences(zone_rows(edition, "farmacia", asked), words("it"))


def test_a_far_zone_is_told_by_numbers_that_follow_by_hand(tmp_path: Path) -> None:
    (zone,) = told_zones(town(tmp_path, pharmacy(0, "a")))
    # Ten minutes are 800 m: sections 5 to 16 are beyond, their points from 825 m to 3,175 m.
    assert (zone["class"], zone["sections"], zone["demand"]) == ("far", 12, 1200)
    assert zone["zone_id"] == "farmacia-adult-any-any-far-10"
    # How far off residents are nobody has measured.
    assert zone["demand_low"] is zone["demand_high"] is None
    # Half of the points are within 1,975 m: 1,481 s, and 881 s too many. The mean is 2,000 m.
    assert zone["seconds"] == pytest.approx(1481, abs=2)
    assert zone["minutes_missing"] == pytest.approx(14.7)
    assert zone["depth"] == pytest.approx(1.5, abs=0.01)
    assert (zone["nearest_id"], zone["nearest_minutes"]) == ("prova:a", 25)
    assert zone["why"] == (
        "Il più vicino che conosciamo, per i più Inventato a, è a 25 minuti in mediana: 15 oltre il"
        " limite accettabile di 10."
    )
    assert (zone["probability_low"], zone["probability_high"]) == (0.03, 0.03)
    assert (zone["sureness"], zone["ranking"]) == ("likely_missing", "ascertained")
    assert zone["rank_why"] == (
        "Lontana accertata, 1 di 1: circa 1.200 residenti, in media 15,0 minuti oltre gli"
        " accettabili."
    )


def test_a_zone_that_two_minutes_more_would_serve_has_no_rank(tmp_path: Path) -> None:
    # Sections 5 and 6, up to 1,200 m: most are within 12 minutes, 960 m, of the pharmacy.
    edition = town(tmp_path, pharmacy(0, "a"), pharmacy(2050, "b"), count=10)
    (zone,) = told_zones(edition)
    assert (zone["class"], zone["ranking"], zone["rank"]) == ("far", "depends", None)
    assert zone["sureness"] is zone["probability_low"] is zone["probability_high"] is None
    # Of 8 points 5 are within 960 m of either, and 3 within the 920 m of who walks 15% faster.
    assert zone["depends_on"] == ["longer"]
    assert zone["rank_why"].startswith("Senza rango, dipende dalle ipotesi: con due minuti in più,")


def test_an_absence_depends_however_probable_it_is_and_a_doubt_never_does() -> None:
    frame = pd.DataFrame(
        {
            "class": ["far", "far", "far", "far", "unsure"],
            "absence": [0.97, 0.97, 0.5, 0.5, np.nan],
            "reason": ["beyond_walk"] * 4 + ["border"],
            "core": list("abcde"),
            "demand": 100.0,
            "depth": 1.0,
            "rests_on_estimate": [False, True, False, True, False],
            "call_people": np.nan,
            **dict.fromkeys(["sureness", "probability_low", "probability_high"], None),
        }
    )
    undone = np.array([[0, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 0], [1, 1, 1]], bool)
    lists = ranked(frame, undone, is_declared=True)
    assert lists["ranking"].tolist() == [
        "ascertained", "depends", "depends", "to_check", "to_check",
    ]  # fmt: skip
    # An estimate makes no zone none, and is said of any.
    assert lists["depends_on"].tolist() == [
        None, ["longer", "estimate"], ["longer"], ["estimate"], None,
    ]  # fmt: skip


def test_an_absence_that_a_doubtful_service_would_undo_depends_too(tmp_path: Path) -> None:
    # Sections 5 and 6 as above, but nobody is sure of the second pharmacy: with two minutes more
    # they would be in doubt, and no longer far.
    edition = town(tmp_path, pharmacy(0, "a"), pharmacy(2050, "b", STALE), count=10)
    zones = {zone["class"]: zone for zone in told_zones(edition)}
    assert (zones["far"]["sections"], zones["far"]["ranking"]) == (2, "depends")
    assert zones["unsure"]["ranking"] == "to_check"


def test_a_zone_is_named_by_all_nil_in_which_its_people_live(tmp_path: Path) -> None:
    drawn = sections(16)
    halves = drawn.sections.assign(half=[0] * 10 + [1] * 6).dissolve("half").reset_index()
    nil = halves.assign(area_id=["8", "9"], name=["PRIMO", "SECONDO"])[
        ["area_id", "name", "geometry"]
    ]
    layers = replace(drawn, nil=nil)
    edition = drawn_city(tmp_path, [pharmacy(0, "a")], f"A{'-' * 40}B", layers)
    # Of twelve sections from 800 m on six are in either: of equal crowds the first is the main.
    (zone,) = zone_rows(edition, "farmacia")
    assert (zone["name"], zone["nil"], zone["names"]) == ("PRIMO", "8", ["PRIMO", "SECONDO"])


def test_a_mean_says_whether_a_walk_in_it_was_cut(tmp_path: Path) -> None:
    # An hour at 80 m a minute is 4,800 m: the median is short of it, and the last walks are not.
    street = f"A{'-' * 60}B"
    cut, whole = (
        told_zones(drawn_city(tmp_path / f"{n}", [pharmacy(0, "a")], street, sections(n)))[0]
        for n in (29, 16)
    )
    assert (cut["depth_at_least"], whole["depth_at_least"]) == (True, False)
    assert cut["nearest_minutes"] < 60
    assert "in media almeno" in cut["rank_why"]
    assert "almeno" not in whole["rank_why"]


def test_a_zone_of_under_fifty_people_has_no_rank(tmp_path: Path) -> None:
    # Twelve sections are too far, of 3.9 people or 4.2 each.
    few, enough = (
        told_zones(town(tmp_path / name, pharmacy(0, "a"), residents=residents))[0]
        for name, residents in (("few", 3.9), ("enough", 4.2))
    )
    assert (few["demand"], few["rank"], enough["demand"], enough["rank"]) == (45, None, 50, 1)
    assert few["rank_why"] == (
        "Senza rango: circa 45 residenti, meno di 50; zone così piccole non si ordinano."
    )


def test_a_zone_that_needs_a_list_has_no_rank(tmp_path: Path) -> None:
    library = pharmacy(0, "w").model_copy(update={"categories": ("biblioteca",)})
    (zone,) = zone_rows(town(tmp_path, library), "biblioteca")
    assert (zone["reason"], zone["ranking"]) == ("catalogue_incomplete", "to_check")
    assert zone["demand"] > 0
    assert zone["rank"] is zone["ranked"] is None


def test_a_probability_is_of_fifty_people_at_the_least(tmp_path: Path) -> None:
    (few,) = told_zones(town(tmp_path, pharmacy(0, "a"), residents=3.0))
    (many,) = told_zones(town(tmp_path, pharmacy(0, "a"), residents=5.0))
    assert (few["demand"], few["probability_low"], few["sureness"]) == (35, None, "likely_missing")
    assert (many["demand"], many["probability_low"]) == (60, 0.03)


def test_a_zone_is_as_uncertain_as_the_ages_at_which_children_moved(tmp_path: Path) -> None:
    drawn = sections(16, 1000.0)
    # 200 of each age; then 400 are born, and a fifth of all have come besides: 760.
    counted = Register(
        np.array(["1"], object),
        np.array([2020, 2021]),
        np.array([[0.0, 400]]),
        np.array([[3600.0, 4560]]),
        np.array([[9000.0, 9000]]),
    )
    layers = replace(drawn, nil=drawn.municipi, registry=counted)
    kindergarten = service(0, "a", categories=("scuola_infanzia",), provenance=FRESH)
    edition = drawn_city(
        tmp_path, [kindergarten], f"A{'-' * 40}B", layers, categories=("scuola_infanzia",)
    )
    (zone,) = zone_rows(edition, "scuola_infanzia")
    share = zone["sections"] / 16
    # Of 3-5 years 600 without moves: 720 if all ages came alike, 768.9 if mostly the young (weights
    # of 15, 14, 13 eighteenths); fewest if a rate through the whole childhood brought older ones.
    assert zone["demand"] == rounded(np.array([720 * share]))[0]
    rate = brentq(lambda r: 200 * np.exp(r / 2) + 200 * np.exp(r * HALF_YEARS).sum() - 4560, 0, 1)
    fewest = 200 * np.exp(rate * HALF_YEARS[3:6]).sum()
    group = np.zeros(zone["sections"], int)
    least, most = (
        interval(np.full(zone["sections"], total / 16), group, 1, CHILDREN_CV)
        for total in (fewest, 600 + 760 * 8400 / 37800)
    )
    assert zone["demand_low"] == rounded(least[0])[0]
    assert zone["demand_high"] == rounded(most[1])[0]


def test_a_stale_record_makes_zones_to_check_as_likely_served_as_it_is_likely_to_hold(
    tmp_path: Path,
) -> None:
    edition = town(tmp_path, pharmacy(0, "a"), pharmacy(2800, "b", STALE))
    near, other = told_zones(edition)
    assert {near["reason"], other["reason"]} == {"records_unverified", "beyond_walk"}
    stale = near if near["reason"] == "records_unverified" else other
    age = (TODAY - date(2016, 1, 1)).days / 365.25
    least, most = survival("farmacia", np.array([age]))
    # Give or take three deviations of 256 draws.
    assert stale["probability_low"] == pytest.approx(0.985 * least[0], abs=0.084)
    assert stale["probability_high"] == pytest.approx(0.985 * most[0], abs=0.03)
    assert (stale["sureness"], stale["ranking"]) == ("likely_there", "to_check")
    assert "passa da Inventato b, di cui non conosciamo il telefono" in stale["rank_why"]
    assert stale["nearest_id"] == "prova:b"
    assert stale["why"].endswith("da verificare: l'ultima conferma è del 2016.")
    # Of a doubt nobody knows that minutes are missing, however far what surely serves is.
    assert (stale["class"], stale["minutes_missing"]) == ("unsure", None)
    assert stale["depth"] > 0


def test_a_zone_between_two_services_tells_its_own_median_not_that_of_one(tmp_path: Path) -> None:
    # Sections 5 to 11 are beyond 800 m of either pharmacy. Half of the people walk to `b`, most of
    # them 1,200 m or more; half of all walk less, most of those to `a`.
    people = [100.0] * 16
    people[4:11] = [300, 190, 5, 5, 500, 10, 10]
    edition = town(tmp_path, pharmacy(0, "a"), pharmacy(3000, "b"), residents=people)
    zone = told_zones(edition)[0]
    assert (zone["class"], zone["sections"], zone["nearest_id"]) == ("far", 7, "prova:b")
    assert zone["nearest_minutes"] == whole_minutes(zone["seconds"]) == 15
    assert 4 < zone["minutes_missing"] <= 5


def test_the_zones_of_an_evening_tell_who_is_closed(tmp_path: Path) -> None:
    shut = pharmacy(3000, "b", opening_hours="Mo-Fr 08:00-12:00")
    edition = town(tmp_path, pharmacy(0, "a", opening_hours="24/7"), shut)
    rows = told_zones(edition, Situation(window="weekday_afternoon"))
    (closed,) = [row for row in rows if row["class"] == "closed"]
    assert closed["nearest_id"] == "prova:b"
    assert closed["why"].endswith("; in questa fascia è chiuso.")
    assert closed["minutes_missing"] > 0
    assert (closed["probability_high"], closed["sureness"]) == (0.03, "likely_missing")
    assert [row["class"] for row in zone_rows(edition, "farmacia")] == ["far"]


def test_a_situation_of_which_nothing_is_known_has_no_empty_answer(tmp_path: Path) -> None:
    edition = town(tmp_path, pharmacy(0, "a"))
    with pytest.raises(BadInputError, match="saturday"):
        zone_rows(edition, "farmacia", Situation(window="saturday"))


def test_a_zone_of_one_section_tells_nothing_of_its_people(tmp_path: Path) -> None:
    (zone,) = told_zones(town(tmp_path, pharmacy(0, "a"), count=5))
    assert zone["sections"] == 1
    assert zone["demand"] is zone["demand_low"] is zone["demand_high"] is None
    assert "le persone di una sola sezione" in zone["rank_why"]


def test_a_zone_that_grows_keeps_its_id_and_the_change_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = town(tmp_path, pharmacy(0, "a"))
    after = town(tmp_path, pharmacy(0, "a"), count=18)
    asked = {"category": "farmacia", **BASE._asdict()}
    (one,) = changes(before.zones(**asked), after.zones(**asked))
    assert (one.state, one.demand_before, one.demand_after) == ("grew", 1200, 1400)
    said = compare(before, after, "farmacia", BASE)
    assert said["counts"] == {"appeared": 0, "grew": 1, "shrank": 0, "closed": 0, "unchanged": 0}
    print_changes(said)
    assert "1200 -> 1400" in capsys.readouterr().out


def test_the_same_city_built_again_is_the_same_to_the_last_byte(tmp_path: Path) -> None:
    services = [pharmacy(0, "a"), pharmacy(2000, "b", STALE), pharmacy(2500, "c", STALE)]
    before, after = town(tmp_path, *services), town(tmp_path, *reversed(services))
    hashes = [{file.name: file.sha256 for file in e.manifest.files} for e in (before, after)]
    assert hashes[0]["greyzones.parquet"] == hashes[1]["greyzones.parquet"]


def test_zones_of_a_situation_share_no_ground(tmp_path: Path) -> None:
    edition = town(tmp_path, pharmacy(0, "a"), pharmacy(2800, "b", STALE))
    wanted = (pc.field("category") == "farmacia") & (pc.field("profile") == "adult")
    shapes = geometries(edition.greyzones.filter(wanted))
    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum())


def far_zones(*depths: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "class": "far",
            "absence": 0.97,
            "reason": "beyond_walk",
            "core": list("abcde")[: len(depths)],
            "demand": 100.0,
            "depth": depths,
            "rests_on_estimate": [depth == 1.0 for depth in depths],
            "call_people": np.nan,
            **dict.fromkeys(["sureness", "probability_low", "probability_high"], None),
        }
    )


def test_a_zone_that_the_estimates_of_others_move_has_the_mark_and_both_places() -> None:
    # The first and the last have minutes of their own; the one between falls behind the last.
    frame, nothing = far_zones(4.0, 3.0, 2.0, 1.0), np.zeros((4, 3), bool)
    along = StreetRanking(np.array([4.0, 3.0, 2.0, 3.5]), np.full(4, np.nan), nothing)
    told = ranked(frame, nothing, along, is_declared=True)
    assert told["rank"].tolist() == [1, 2, 3, 4]
    assert told["rank_by_streets"].tolist() == [1, 3, 4, 2]
    assert told["depends_on"].tolist() == [None, *[["estimate"]] * 3]
    alone = ranked(frame, nothing, is_declared=True)
    assert alone["rank_by_streets"].tolist() == [1, 2, 3, 4]
    assert alone["depends_on"].tolist() == [None, None, None, ["estimate"]]


def test_a_zone_that_an_estimate_moves_to_another_list_has_the_mark_too() -> None:
    frame, nothing = far_zones(4.0, 3.0), np.zeros((2, 3), bool)
    longer = np.array([[0, 1, 0], [0, 0, 0]], bool)
    along = StreetRanking(np.array([4.0, 3.0]), np.full(2, np.nan), nothing)
    told = ranked(frame, longer, along, is_declared=True)
    assert told["ranking"].tolist() == ["depends", "ascertained"]
    assert told["depends_on"].tolist() == [["longer", "estimate"], ["estimate"]]
    assert np.isnan(told["rank"][0])
    assert told["rank_by_streets"].tolist() == [1, 2]


def test_what_most_of_a_hexagon_have_takes_a_rank_away() -> None:
    # Two hexagons: in one ten of thirty people lack a service, in the other most do.
    unit, people = np.array([0, 0, 1, 1]), np.array([10.0, 20, 30, 20])
    lacks = np.array([True, False, True, False])
    assert most_lack(unit, people, lacks).tolist() == [False, False, True, True]
    assert most_lack(unit, people * 0, lacks).tolist() == [False] * 4
