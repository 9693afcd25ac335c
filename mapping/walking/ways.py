"""Kinds of way."""

KINDS = ("street", "footpath", "cycle", "steps")
"""An edge of a network carries the index, so that a new kind goes to the end."""
