"""An edition as the format before this one wrote it."""

import hashlib
import json

from mapping.edition.edition import Edition
from mapping.edition.manifest import MANIFEST, SEAL


def make_older(edition: Edition) -> None:
    """Write the manifest of an edition anew, in the format before this one."""
    document = json.loads((edition.path / MANIFEST).read_text())
    text = json.dumps({**document, "schema_version": 2, "author": "nobody"}).encode()
    (edition.path / MANIFEST).write_bytes(text)
    (edition.path / SEAL).write_text(f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n")
