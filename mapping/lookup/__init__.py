"""What is near a place: nearest services and round trips."""

from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Origin, Where
from mapping.lookup.question import Question

__all__ = ["Lookup", "Origin", "Question", "Where"]
