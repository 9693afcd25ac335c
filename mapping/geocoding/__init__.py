"""Italian addresses to coordinates, and coordinates to addresses."""

from mapping.geocoding.address import normalised, parse
from mapping.geocoding.gazetteer import Gazetteer

__all__ = ["Gazetteer", "normalised", "parse"]
