"""How sure a class is: the claim repeated under random errors of records and of population."""

from mapping.coverage.confidence.draws import factors, likelihood
from mapping.coverage.confidence.simulate import for_most, interval, shares_served

__all__ = ["factors", "for_most", "interval", "likelihood", "shares_served"]
