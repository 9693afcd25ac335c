from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def run(path: Path, var: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Execute a notebook on an edition, and give all that it prints."""
    monkeypatch.setenv("PROSSIMA_VAR", str(var))
    notebook = nbformat.read(path, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "outputs are not committed"
    NotebookClient(notebook, resources={"metadata": {"path": str(path.parents[1])}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "\n".join(str(output.get("text", output.get("data", ""))) for output in outputs)


@pytest.mark.filterwarnings("default")  # the kernel's own libraries warn
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_the_pack(path, pack_var, monkeypatch):
    assert "tempi stimati" in run(path, pack_var, monkeypatch)


@pytest.mark.shared
@pytest.mark.filterwarnings("default")
def test_the_grey_zones_of_the_infant_schools_are_told(milano_var, monkeypatch):
    said = run(NOTEBOOKS[0], milano_var, monkeypatch)
    assert "tempi lungo le strade" in said
    assert "zone lontane" in said
    assert "<svg" in said
    assert "classi dei nidi: served, unsure" in said


@pytest.mark.shared
@pytest.mark.filterwarnings("default")
def test_who_walks_farther_is_told_by_municipio_and_income(milano_var, monkeypatch):
    said = run(NOTEBOOKS[1], milano_var, monkeypatch)
    assert "Municipio 9" in said
    assert "indice di concentrazione tra i CAP: -" in said
    assert "<polyline" in said
    assert "Sedia a rotelle" in said


@pytest.mark.shared
@pytest.mark.filterwarnings("default")
def test_the_next_three_are_proposed_and_an_incomplete_list_is_warned_of(milano_var, monkeypatch):
    said = run(NOTEBOOKS[2], milano_var, monkeypatch)
    schools, clubs = said.split("fallback", 1)[0], said.rsplit("soluzione:", 1)[1]
    assert "gap 0.00%" in schools
    assert "troppo tempo fa" in schools  # the list of infant schools has expired
    assert "ne risultano circa 190" in clubs
