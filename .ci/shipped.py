"""What is shipped with Prossima: its packages, their licences, and the list of all of it (SBOM).

python .ci/shipped.py names      the packages that the product needs, with `postgis`
python .ci/shipped.py lock       their entries of requirements.lock
python .ci/shipped.py licences   refuse what may not be shipped
python .ci/shipped.py sbom FILE  complete a CycloneDX document of the environment, to stdout
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PRODUCT, EXTRAS = "prossima", ("postgis", "cluster")
REFUSED = re.compile(r"(?<!L)(?<!Lesser )\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
"""Licences that would bind whoever uses the product; LGPL and MPL do not."""
EXCUSED = {"pyphen": "under MPL-1.1 or LGPL-2.1 too, whichever one takes"}
"""Packages that name such a licence and may be shipped, each with the reason."""


def main(arguments: list[str]) -> int:
    """Do what the first argument says; give the exit status."""
    status = 0
    match arguments:
        case ["names"]:
            text = "\n".join(shipped())
        case ["lock"]:
            text = "\n".join(lock_entries())
        case ["licences"]:
            wrong = refused()
            status = int(bool(wrong))
            text = "\n".join(wrong) or f"{len(shipped())} packages, {len(front_end())} libraries"
        case ["sbom", path]:
            environment = json.loads(Path(path).read_text(encoding="utf-8"))
            text = json.dumps(bill(environment), indent=1)
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    sys.stdout.write(f"{text}\n")
    return status


def shipped() -> dict[str, Distribution]:
    """Find the packages that the product needs to run, and those that they need."""
    found: dict[str, Distribution] = {}
    waiting = [(PRODUCT, EXTRAS)]
    while waiting:
        name, extras = waiting.pop()
        for needed in _needed(distribution(name), extras):
            key = canonicalize_name(needed.name)
            if key in found and not needed.extras:
                continue
            try:
                found[key] = distribution(key)
            except PackageNotFoundError:
                continue  # for another system
            waiting.append((key, tuple(needed.extras)))
    return dict(sorted(found.items()))


def _needed(package: Distribution, extras: tuple[str, ...]) -> Iterator[Requirement]:
    for line in package.requires or ():
        needed = Requirement(line)
        if needed.marker is None or any(
            needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        ):
            yield needed


def lock_entries() -> list[str]:
    """Give the entries of the lock file of what is shipped, each with its hashes."""
    return [entry for name, entry in locked().items() if name in shipped()]


def locked() -> dict[str, str]:
    """Read the lock file: the entry of each package, by its name."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.findall(r"^[A-Za-z0-9].*?[^\\]$", text, re.MULTILINE | re.DOTALL)
    return {canonicalize_name(re.split(r"[=;[ ]", entry)[0]): entry for entry in entries}


def licence_of(package: Distribution) -> str:
    """Give what a package says of its licence, as an expression or in words."""
    said = package.metadata
    expression = said.get("License-Expression")
    if expression:
        return str(expression)
    classes = [line for line in said.get_all("Classifier") or () if line.startswith("License ::")]
    words = str(said.get("License") or "").strip().partition("\n")[0]
    return "; ".join([line.rpartition(":: ")[2] for line in classes] or [words])


def front_end() -> dict[str, dict[str, Any]]:
    """Read the libraries that the pages are made with: those that are fetched by name."""
    declared = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    entries = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {name: entries[f"node_modules/{name}"] for name in sorted(declared)}


def refused() -> list[str]:
    """Say of each package or library that may not be shipped why, one line each."""
    licences = {name: licence_of(package) for name, package in shipped().items()}
    licences |= {name: str(entry.get("license", "")) for name, entry in front_end().items()}
    return [
        f"{name}: {licence or 'no licence is declared'}"
        for name, licence in licences.items()
        if name not in EXCUSED and (not licence or REFUSED.search(licence))
    ]


def bill(environment: dict[str, Any]) -> dict[str, Any]:
    """Leave in a CycloneDX document what is shipped, and add what the pages are made with."""
    names = {*shipped(), PRODUCT}
    components = [
        entry for entry in environment["components"] if canonicalize_name(entry["name"]) in names
    ]
    references = {entry["bom-ref"] for entry in components}
    components += [_library(name, entry) for name, entry in front_end().items()]
    kept = [
        {**entry, "dependsOn": [ref for ref in entry.get("dependsOn", []) if ref in references]}
        for entry in environment.get("dependencies", [])
        if entry["ref"] in references
    ]
    return {**environment, "components": components, "dependencies": kept}


def _library(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    address = f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}"
    return {
        "type": "library",
        "bom-ref": address,
        "name": name,
        "version": entry["version"],
        "purl": address,
        "licenses": [{"license": {"id": entry["license"]}}],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
