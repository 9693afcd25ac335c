"""Reports of people about a service: their inbox, and how many may be sent."""

from api.reports.inbox import Desk
from api.reports.rate_limit import Allowance, Rate

__all__ = ["Allowance", "Desk", "Rate"]
