"""What `doctor` and the reviews say where they look at another folder than the server."""

from pathlib import Path


def test_the_doctor_creates_nothing(cli, tmp_path: Path) -> None:
    done = cli("doctor", var=tmp_path / "none")
    assert done.returncode == 2
    assert "There is no catalogue at" in " ".join(done.stdout.split())
    assert not (tmp_path / "none").exists()


def test_the_doctor_says_where_things_are(cli, pack_var: Path) -> None:
    relative = {"PROSSIMA_VAR": pack_var.name, "COLUMNS": "1000"}
    told = cli("doctor", var=pack_var, cwd=pack_var.parent, **relative).stdout
    lines = {line.split()[0]: line for line in told.splitlines() if line}
    assert str(pack_var / "editions") in lines["edition"]
    assert str(pack_var / "catalogue.sqlite") in lines["catalogue"]


def test_nothing_is_hidden_in_an_empty_catalogue(cli, tmp_path: Path) -> None:
    refused = cli("review", "hide", "x", var=tmp_path / "none")
    assert refused.returncode == 2
    assert f"{tmp_path / 'none' / 'catalogue.sqlite'}. Check" in " ".join(refused.stderr.split())
