"""Maps as single HTML pages, drawn with folium, that ask nothing of any other host."""

from mapping.maps.folium_maps import Origin, Stop, coverage_map, nearest_map, services_map
from mapping.maps.page import Frame

__all__ = ["Frame", "Origin", "Stop", "coverage_map", "nearest_map", "services_map"]
