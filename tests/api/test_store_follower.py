"""Real servers that follow one store: they go over to what is published, never to half of it."""

import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from mapping.edition.edition import Edition, list_editions
from mapping.edition.manifest import Manifest, fingerprint
from mapping.edition.store import EditionStore
from mapping.edition.withheld import write_withheld
from tests.api.conftest import Server, serving
from tests.api.waiting import until
from tests.mapping.edition.twins import twin_of
from tests.s3 import BUCKET

DUOMO = {"lon": 9.1900, "lat": 45.4642}


def reads(server: Server) -> str:
    return server.get("/ready")["edition"]


@pytest.mark.all
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_two_servers_follow_one_store(
    pack_var: Path, pack: Path, tmp_path: Path, monkeypatch, request, kind: str
) -> None:
    address, more = str(tmp_path / "store"), {}
    if kind == "bucket":
        address, more = f"s3://{BUCKET}/servers", request.getfixturevalue("s3")
        for name, value in more.items():
            monkeypatch.setenv(name, value)
    store = EditionStore.open(address)
    built = tmp_path / "built"
    published = Edition.open(pack_var / "editions" / "current")
    first = copied(published, built)
    store.publish(first, None)
    with ExitStack() as running:
        servers = [
            running.enter_context(
                serving(
                    tmp_path / name, pack, tmp_path / f"{name}.log", PROSSIMA_STORE=address, **more
                )
            )
            for name in ("one", "two")
        ]
        assert [reads(server) for server in servers] == [first.id] * 2
        second = twin_of(first)
        store.publish(second, store.pointer())
        until(lambda: all(reads(server) == second.id for server in servers))

        service = servers[0].get("/v1/services?limit=1")["results"][0]["service_id"]
        page = f"/servizi/{quote(service)}"
        assert all(server.client.get(page).status_code == 200 for server in servers)
        store.withhold({service})
        until(lambda: all(server.client.get(page).status_code != 200 for server in servers))

        damage_and_mend(store, servers, first, second)


def damage_and_mend(
    store: EditionStore, servers: list[Server], first: Edition, second: Edition
) -> None:
    """Publish an edition that is damaged before a server has asked for it, then mend it."""
    third = twin_of(first, hours=2)
    path = third.path / "areas.parquet"
    whole = path.read_bytes()
    before = store.pointer()
    path.write_bytes(whole[:-1])
    damaged = replace(third, manifest=manifest_of(third, path))
    store.publish(damaged, before)
    until(lambda: all(server.get("/ready")["status"] == "degraded" for server in servers))
    for server in servers:
        assert reads(server) == server.nearest(DUOMO)["edition"] == second.id
        assert set(list_editions(server.var / "editions")) == {first.id, second.id}
        assert server.log.read_text().count("is not followed") == 1
    path.write_bytes(whole)
    store.publish(third, store.pointer())
    until(lambda: all(reads(server) == third.id for server in servers))
    until(lambda: all(server.get("/ready")["status"] == "ok" for server in servers))


def manifest_of(edition: Edition, path: Path) -> Manifest:
    """What a manifest would say of a file as it is now: the one that is sealed says otherwise."""
    files = [
        fingerprint(path) if file.name == path.name else file for file in edition.manifest.files
    ]
    return edition.manifest.model_copy(update={"files": tuple(files)})


def copied(edition: Edition, root: Path) -> Edition:
    write_withheld(root, ())
    shutil.copytree(edition.path, root / edition.id)
    return Edition.open(root / edition.id)
