"""Whatever the sources say, saying it again changes nothing, and their order does not matter."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.catalogue.batches import RecordResult, SourceBatch
from mapping.catalogue.catalogue import Catalogue
from mapping.model import Location, Position, Service
from tests.mapping.drawn_batches import batch, service
from tests.postgres import NewStore

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
spots = st.builds(
    Position,
    lon=st.floats(6, 19),
    lat=st.floats(35, 48),
    precision=st.sampled_from(["premises", "civic", "street", "area", "none"]),
)
places = st.lists(
    st.builds(Location, location_id=st.sampled_from("xyz"), address=words, position=spots),
    max_size=3,
).map(tuple)


@st.composite
def batches(draw: st.DrawFn, source_id: str) -> SourceBatch:
    """Draw what a source says: services with any name, places and categories."""
    codes = st.lists(st.sampled_from(["nido", "consultorio", "antiviolenza"]), min_size=1)
    return batch(*(
        _said(service(key, draw(words), source_id=source_id), draw(places), tuple(draw(codes)))
        for key in draw(st.sets(st.sampled_from("abcé"), max_size=4))
    ), source_id=source_id)  # fmt: skip


def _said(one: Service, where: tuple[Location, ...], codes: tuple[str, ...]) -> Service:
    return one.model_copy(update={"locations": where, "categories": codes})


any_store = settings(max_examples=settings.default.max_examples // 10)


@any_store
@given(said=st.lists(st.one_of(batches("one"), batches("two")), max_size=4))
def test_a_batch_that_comes_twice_makes_no_revision_the_second_time(
    new_store: NewStore, said: list[SourceBatch]
) -> None:
    with new_store() as url, Catalogue.open(url) as catalogue:
        for one in said:
            catalogue.record(one)
            before = catalogue.current()
            assert catalogue.record(one) == RecordResult(unchanged=len(one.services))
            assert catalogue.current() == before


@any_store
@given(one=st.lists(batches("one"), max_size=3), two=st.lists(batches("two"), max_size=3))
def test_sources_may_come_in_any_order(
    new_store: NewStore, one: list[SourceBatch], two: list[SourceBatch]
) -> None:
    said = []
    for order in (one + two, two + one):
        with new_store() as url, Catalogue.open(url) as catalogue:
            for said_then in order:
                catalogue.record(said_then)
            said.append((catalogue.current(), catalogue.current("withdrawn")))
    assert said[0] == said[1]
