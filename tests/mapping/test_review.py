"""What waits for a person, on every store: proposals, and pairs that may be one service."""

import pytest

from mapping.catalogue import Catalogue
from mapping.errors import BadInputError
from mapping.matching import Decision
from tests.mapping.drawn_batches import batch, service


@pytest.fixture
def catalogue(store: str):
    with Catalogue.open(store) as opened:
        yield opened


def test_a_preview_tells_each_fate_and_writes_nothing(catalogue: Catalogue):
    catalogue.record(batch(service("a"), service("b"), service("c")))
    changes = catalogue.preview(batch(service("b"), service("c", "Micronido"), service("d")))
    assert [(one.service_id, one.fate) for one in changes] == [
        ("drawn:a", "withdrawn"),
        ("drawn:b", "unchanged"),
        ("drawn:c", "changed"),
        ("drawn:d", "new"),
    ]
    assert [one.name for one in (changes[2].before, changes[2].after) if one] == [
        "Nido",
        "Micronido",
    ]
    assert len(catalogue.current()) == 3


TIMES = 20


def start_python(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _write(url: str, source_id: str) -> None:
    for time in range(TIMES):
        with Catalogue.open(url) as catalogue:
            named = service("a", f"Nido {time}", source_id=source_id)
            catalogue.record(batch(named, source_id=source_id))


def _import_dying_at(moment: int, url: str) -> None:
    """Open and record, killing this process at the given statement that reaches SQLite."""
    left = moment

    def count(_statement: str) -> None:
        nonlocal left
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    def watch(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(count)

    sa.event.listen(sa.Engine, "connect", watch)
    with Catalogue.open(url) as catalogue:
        changed = batch(service("a", "Asilo"), service("c"), rows_in=3, quarantined=[BAD_ROW])
        catalogue.record(changed)


def _die_at_every_moment(url: str, emptied: str = "") -> None:
    status = -1
    moment = 0
    while status:
        for path in Path(emptied).glob("catalogue.sqlite*") if emptied else ():
            path.unlink()
        child = os.fork()
        if not child:
            _import_dying_at(moment, url)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if status not in {0, signal.SIGKILL}:
            sys.exit(f"moment {moment}: status {status}")
        moment += 1
        sys.stdout.write(f"{_summary(url)}\n")


def _summary(url: str) -> str:
    with Catalogue.open(url) as catalogue:
        names = ",".join(each.name for each in catalogue.current())
        return f"{names};{len(catalogue.runs(latest=False))};{len(catalogue.quarantined())}"


if __name__ == "__main__":
    {"write": _write, "die": _die_at_every_moment}[sys.argv[1]](*sys.argv[2:])


def test_a_preview_tells_each_fate_and_writes_nothing(catalogue: Catalogue):
    catalogue.record(batch(service("a"), service("b"), service("c")))
    changes = catalogue.preview(batch(service("b"), service("c", "Micronido"), service("d")))
    assert [(one.service_id, one.fate) for one in changes] == [
        ("drawn:a", "withdrawn"),
        ("drawn:b", "unchanged"),
        ("drawn:c", "changed"),
        ("drawn:d", "new"),
    ]
    assert [one.name for one in (changes[2].before, changes[2].after) if one] == [
        "Nido",
        "Micronido",
    ]
    assert len(catalogue.current()) == 3


def test_a_source_under_review_publishes_nothing_by_itself(catalogue: Catalogue):
    proposed = batch(service("a"), service("b"), review=True)
    catalogue.record(proposed)
    assert catalogue.current() == []
    assert [one.service_id for one in catalogue.current("proposed")] == ["drawn:a", "drawn:b"]
    assert catalogue.settle("drawn:a", accept=True, actor="una persona").state == "published"
    assert catalogue.settle("drawn:b", accept=False).state == "withdrawn"
    assert [one.service_id for one in catalogue.current()] == ["drawn:a"]
    assert catalogue.current("proposed") == []
    assert catalogue.record(proposed).changed == 0
    assert catalogue.current("proposed") == []


def test_a_refused_change_leaves_what_was_published(catalogue: Catalogue):
    catalogue.record(batch(service("a")))
    catalogue.record(batch(service("a", "Altro nome"), review=True))
    assert [one.name for one in catalogue.current()] == ["Nido"]
    catalogue.settle("drawn:a", accept=False)
    assert [one.name for one in catalogue.current()] == ["Nido"]
    with pytest.raises(BadInputError, match="Nothing is proposed of 'drawn:a'"):
        catalogue.settle("drawn:a", accept=True)


def test_the_last_word_on_a_pair_counts(catalogue: Catalogue):
    catalogue.record(batch(service("a"), service("b")))
    catalogue.decide("drawn:b", "drawn:a", same=True, actor="una persona")
    catalogue.decide("drawn:a", "drawn:b", same=False)
    assert catalogue.decisions() == [Decision("drawn:a", "drawn:b", same=False)]
    with pytest.raises(BadInputError, match="'drawn:z' is no service"):
        catalogue.decide("drawn:a", "drawn:z", same=True)
    with pytest.raises(BadInputError, match="given twice"):
        catalogue.decide("drawn:a", "drawn:a", same=True)
