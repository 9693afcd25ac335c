"""Walking times and ways along a street network, for walkers of several profiles."""

from mapping.walking.network import snap
from mapping.walking.profiles import profile
from mapping.walking.routing import graph, matrix, nearest, targets
from mapping.walking.service_walks import ServiceWalks

__all__ = ["ServiceWalks", "graph", "matrix", "nearest", "profile", "snap", "targets"]
