"""Measures on real registers how well addresses are found and records matched."""

from ingest.evaluation.geocoding_accuracy import Registers, measure_typing
from ingest.evaluation.matching_accuracy import fit_weights, measure_matching

__all__ = ["Registers", "fit_weights", "measure_matching", "measure_typing"]
