"""What may be disclosed: which categories are public, which services are confidential."""

from mapping.model import Service
from mapping.taxonomy import categories, category


def published_categories() -> list[str]:
    """List the categories that may be placed on a map: all but the confidential ones.

    Returns
    -------
    list of str
        Category codes, in the order of the taxonomy.
    """
    return [code for code, entry in categories().items() if not entry.confidential]


def is_confidential(service: Service) -> bool:
    """Whether the place of a service must never be known.

    Parameters
    ----------
    service : Service
        Any service.

    Returns
    -------
    bool
        True when any of its categories is confidential.
    """
    return any(category(code).confidential for code in service.categories)
