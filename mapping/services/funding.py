"""Projects whose funding ended: nobody has confirmed since that they go on."""

from datetime import date

from mapping.freshness import assured_on
from mapping.model import Service
from mapping.services.phones import dialled

MOBILE = "3"
"""Italian mobile numbers, and no others, begin so."""


def has_ended(service: Service, today: date) -> bool:
    """Tell whether the funding of a service is over, and nobody assured it since.

    Parameters
    ----------
    service : Service
        Its `funded_until` is the last day that is paid for; None where it is not known.
    today : date
        Of the city.

    Returns
    -------
    bool
        False on the last day itself.
    """
    if service.funded_until is None:
        return False
    last = date.fromisoformat(service.funded_until)
    assured = service.provenance.assured_date
    return last < today and (assured is None or assured_on(assured) <= last)


def without_mobiles(phone: str | None) -> str | None:
    """Leave out mobile numbers: a project's may be somebody else's by now.

    Parameters
    ----------
    phone : str or None
        As `phones.phone` writes it.

    Returns
    -------
    str or None
        The other numbers; None where there are none.
    """
    stays = (number for number, digits in dialled(phone) if not (digits or "").startswith(MOBILE))
    return "; ".join(stays) or None
