"""The published folder: writing, verifying, reading."""

from mapping.edition.edition import Edition, current, list_editions, publish, write

__all__ = ["Edition", "current", "list_editions", "publish", "write"]
