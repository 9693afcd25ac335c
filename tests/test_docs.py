import itertools
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "data" / "README.md"]
PAGES += sorted((ROOT / "docs").glob("*.md"))
LONG = {"serve", "bench"}
"""Commands that do not end by themselves, or measure for minutes: their options are checked."""


MAY_REFUSE = ("doctor", "pack", "site", "closures")
"""Commands that say what is missing where nothing but the pack is at hand."""


def commands(program: str) -> list[str]:
    """Every command of the pages, from blocks and from words between backticks, once."""
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    found = [
        line
        for text in texts
        for line in (
            *re.findall(rf"^(?: {{4}})?({program} [^\n#]+?)\s*(?:#.*)?$", text, re.MULTILINE),
            *re.findall(rf"`({program} [^`]+)`", text),
        )
    ]
    return list(dict.fromkeys(found))


def test_there_are_commands_to_run():
    assert len(commands("prossima")) > 10
    assert {"make run", "make test"} <= set(commands("make"))


@pytest.fixture(scope="module")
def var(pack_var, tmp_path_factory):
    """Copy the edition of the pack: one of the commands publishes another."""
    return shutil.copytree(pack_var, tmp_path_factory.mktemp("docs") / "var")


@pytest.mark.parametrize("command", commands("prossima"))
def test_a_documented_command_runs(cli, var, tmp_path, command):
    words = shlex.split(command.replace(" …", ""))[1:]
    named = {"ID", "DIR", "CARTELLA", "FILE", "URL", "tcp://HOST:PORT"} & set(words)
    if words[0] in LONG or words == ["nearest"] or named:
        named = list(itertools.takewhile(lambda word: re.fullmatch("[a-z]+", word), words))
        shown = cli(*named, "--help", var=var, COLUMNS="200").stdout
        assert all(word in shown for word in words if word.startswith("--"))
        return
    for option, place in (("--out", tmp_path), ("--template", tmp_path / "servizi.xlsx")):
        if option in words:
            words[words.index(option) + 1] = str(place)
    typed = "via Oglio 18\n" if words[-1] == "-" else ""
    done = cli(*words, var=var, typed=typed)
    ends = {0, 2} if words[:2] == ["sources", "check"] or words[0] in MAY_REFUSE else {0}
    assert done.returncode in ends, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", commands("make"))
def test_a_documented_target_exists(command):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target = shlex.split(command)[1]
    assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_links_into_a_page_lead_to_a_heading():
    for page in PAGES:
        links = re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
        for target, heading in links:
            told = (page.parent / target if target else page).read_text(encoding="utf-8")
            titles = re.findall(r"^#+ (.+)$", told, re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
            assert heading in slugs, f"{page.name}: {target}#{heading}"


def test_every_dependency_is_explained():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[\[>=]", entry)[0] for entry in declared["dependencies"]}
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert {name for name in names if name not in text} == set()


def test_the_architecture_names_every_package():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    code = [path for folder in ("mapping", "ingest", "api") for path in (ROOT / folder).iterdir()]
    packages = {path.name for path in code if (path / "__init__.py").exists()}
    assert {name for name in packages if not re.search(rf"\b{name}\b", text)} == set()


def test_the_first_page_gives_the_figures_of_the_page_of_quality():
    readme, quality = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/quality.md")
    )
    told = re.search(r"\[measured\][^:]*: (.*?)of the pairs", readme, re.DOTALL)
    assert told is not None
    row = re.search(r"^\| Farmacie, anche senza il civico \|.*$", quality, re.MULTILINE)
    assert row is not None
    percents = re.findall(r"[\d.]+%", told[1])
    assert percents == [part.replace(",", ".") for part in re.findall(r"[\d,]+%", row[0])]
