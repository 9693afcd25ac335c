"""The published folder: writing, verifying, reading."""

from mapping.edition.edition import Edition, current, list_editions, publish
from mapping.edition.edition_writer import write

__all__ = ["Edition", "current", "list_editions", "publish", "write"]
