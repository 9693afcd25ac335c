"""Projects that are over come behind what goes on: one of them is never the first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mapping.lookup.nearest import NearbyService

Found = list["NearbyService"]


def ended_last(results: Found, nearest_other: Callable[[], Found]) -> Found:
    """Order the services of an answer.

    Parameters
    ----------
    results : list of NearbyService
        Nearest first.
    nearest_other : callable
        Finds the nearest service that is not over, if there is one within the walk; called where
        all of the results are over.

    Returns
    -------
    list of NearbyService
        As many; those that are over last.
    """
    ended = [near for near in results if near.service.funding_ended]
    if not ended:
        return results
    going = [near for near in results if not near.service.funding_ended] or nearest_other()
    return [*going, *ended][: len(results)]
