"""How likely a record in hand still serves near: random errors of records and of population."""

from mapping.coverage.confidence.draws import factors
from mapping.coverage.confidence.simulate import for_most, interval, shares_served
from mapping.coverage.confidence.sureness import sureness
from mapping.coverage.confidence.survival import survival

__all__ = ["factors", "for_most", "interval", "shares_served", "sureness", "survival"]
