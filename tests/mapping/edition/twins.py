"""Editions of the same files as another, under an id of their own."""

import shutil
from datetime import timedelta

from pydantic import JsonValue

from mapping.edition.edition import Edition
from mapping.edition.manifest import write_manifest


def twin_of(edition: Edition, hours: int = 1, **parameters: JsonValue) -> Edition:
    """Copy an edition as one that was built some hours later."""
    made = edition.manifest.created_at + timedelta(hours=hours)
    manifest = edition.manifest.model_copy(
        update={
            "id": f"{made:%Y%m%dT%H%M%SZ}-{edition.id[-8:]}",
            "created_at": made,
            "parameters": edition.manifest.parameters | parameters,
        }
    )
    folder = edition.path.with_name(manifest.id)
    shutil.copytree(edition.path, folder)
    write_manifest(folder, manifest)
    return Edition.open(folder)
