"""Measures on real registers how well addresses are found and records matched."""

from ingest.evaluation.geocoding_accuracy import Registers, typed
from ingest.evaluation.matching_accuracy import fitted, measured

__all__ = ["Registers", "fitted", "measured", "typed"]
