"""Where the next services should be, and what changes of services would do."""

from mapping.siting.answers import change, fragile, site
from mapping.siting.inputs import PlanData

__all__ = ["PlanData", "change", "fragile", "site"]
