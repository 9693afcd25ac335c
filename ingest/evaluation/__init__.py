"""Measures on real registers how well addresses are found and records matched."""

from ingest.evaluation.geocoding_accuracy import Registers
from ingest.evaluation.matching_accuracy import fit_weights, measure_matching
from ingest.evaluation.typing_accuracy import measure_names, measure_typing

__all__ = ["Registers", "fit_weights", "measure_matching", "measure_names", "measure_typing"]
