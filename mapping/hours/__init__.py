"""Opening hours: reading Italian texts, and when a service is open in a city's days."""

from mapping.hours.city_calendar import calendar_of
from mapping.hours.opening import is_open, parse_when, to_osm
from mapping.hours.windows import window

__all__ = ["calendar_of", "is_open", "parse_when", "to_osm", "window"]
