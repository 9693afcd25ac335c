"""Reports of people about a service: their inbox, and how many may be sent."""

from api.reports.inbox import Desk
from api.reports.rate_limit import Allowance, Limits, Rate

__all__ = ["Allowance", "Desk", "Limits", "Rate"]
