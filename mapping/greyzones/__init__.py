"""Grey zones: their outlines and figures, and their ids from edition to edition."""

from mapping.greyzones.lineage import changes, zone_ids

__all__ = ["changes", "zone_ids"]
