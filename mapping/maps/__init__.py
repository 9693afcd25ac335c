"""Maps as single HTML pages, drawn with folium, that ask nothing of any other host."""

from mapping.maps.folium_maps import MapOrigin, MapStop, coverage_map, nearest_map, services_map
from mapping.maps.page import Frame

__all__ = ["Frame", "MapOrigin", "MapStop", "coverage_map", "nearest_map", "services_map"]
