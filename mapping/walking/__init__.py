"""Walking times and ways along a street network, for walkers of several profiles."""

from mapping.walking.profiles import profile

__all__ = ["profile"]
