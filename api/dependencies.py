"""What routes are given: the open edition, and the situation that a query names."""

from typing import Annotated

from fastapi import Depends, Query

from api.published import Published, published
from mapping.coverage.situations import ADULT, Situation, situation

OpenEdition = Annotated[Published, Depends(published)]
"""The open edition and what is computed from it."""


def read_situation(
    profile: Annotated[
        str, Query(description="who walks: adult, or one of /v1/situations")
    ] = ADULT,
    window: Annotated[str, Query(description="when: any, or one of /v1/situations")] = "any",
    requirement: Annotated[str, Query(description="what is needed: any, or one of them")] = "any",
) -> Situation:
    """Read the situation from a query; raises BadInputError when a part is not known."""
    return situation(profile, window, requirement)


SituationQuery = Annotated[Situation, Depends(read_situation)]
"""The situation of the query parameters `profile`, `window` and `requirement`."""
