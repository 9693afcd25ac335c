"""Disclosure rules: which categories are public, which services are confidential."""

from mapping.model import Service
from mapping.taxonomy import categories, category


def published_categories() -> list[str]:
    """List the codes of categories that may be placed on a map: all but the confidential ones."""
    return [code for code, entry in categories().items() if not entry.confidential]


def is_confidential(service: Service) -> bool:
    """Whether any category of a service is confidential: its place must never be known."""
    return any(category(code).confidential for code in service.categories)
