"""Two builds of a drawn city: with confidential records in four formats, and without."""

import contextlib
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli.main import main
from mapping.edition.edition import Edition, current
from tests.leaks.drawn_sources import write_config, write_mirror

SHEET = (
    "Nome;Categoria;Indirizzo;Telefono;Osservazioni interne\n"
    "Ascolto Piazza;Centro di ascolto;via Lariana 5;031444444;\n"
)
HIDDEN_ROW = (
    "Casa rifugio Edera;Centro di ascolto;via Segreta 31;029871234;\n"
    "Edera due;Centro di ascolto;via Segreta 35;029871234;donne in uscita dalla violenza\n"
)
REFUSED_ROW = "Edera;Centro antiviolenza;via Segreta 33;029871234;\n"


@dataclass(frozen=True)
class Built:
    """A built city: its folder, and all that the commands printed."""

    var: Path
    config: Path
    printed: str
    report: str = ""
    """What the build printed, of all this."""

    @property
    def edition(self) -> Edition:
        return Edition.open(current(self.var / "editions"))


Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="session")
def run() -> Run:
    def command(*words: str, var: Path, config: Path) -> tuple[int, str]:
        patch = pytest.MonkeyPatch()
        printed = io.StringIO()
        with patch.context() as inside:
            inside.setenv("PROSSIMA_VAR", str(var))
            inside.setenv("PROSSIMA_CONFIG", str(config))
            inside.setenv("PROSSIMA_CITY", "valdilago")
            inside.setenv("PROSSIMA_MIRROR", "")
            inside.setattr(sys, "argv", ["prossima", *words])
            with (
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(printed),
                pytest.raises(SystemExit) as ended,
            ):
                main()
        return int(ended.value.code or 0), printed.getvalue()

    return command


def _built(folder: Path, run: Run, *, secret: bool) -> Built:
    config = write_config(folder / "config")
    mirror = write_mirror(folder / "mirror", secret=secret)
    var = folder / "var"
    sheet = folder / "foglio.csv"
    sheet.write_text(SHEET + (HIDDEN_ROW + REFUSED_ROW if secret else ""), encoding="utf-8")
    where = {"var": var, "config": config}
    said = []
    for words in (
        ("import", str(sheet), "--source", "foglio_di_prova", "--yes"),
        ("build", "--offline", "--mirror", str(mirror)),
        ("quarantine", "list"),
        ("quarantine", "list", "--json"),
        ("review", "list"),
        ("review", "list", "--json"),
    ):
        code, printed = run(*words, **where)
        assert code == 0, printed
        said.append(printed)
    return Built(var, config, "\n".join(said), said[1])


@pytest.fixture(scope="session")
def with_secrets(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return _built(tmp_path_factory.mktemp("with"), run, secret=True)


@pytest.fixture(scope="session")
def without_secrets(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return _built(tmp_path_factory.mktemp("without"), run, secret=False)
