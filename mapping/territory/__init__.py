"""Areas of a city, and the residents, children and incomes of each."""

from mapping.territory.population import children, demand

__all__ = ["children", "demand"]
