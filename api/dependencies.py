"""Query parameters of the situation: who walks, when, with what need."""

from typing import Annotated

from fastapi import Query

from mapping.coverage.situations import ADULT, Situation, situation


def asked_situation(
    profile: Annotated[
        str, Query(description="who walks: adult, or one of /v1/situations")
    ] = ADULT,
    window: Annotated[str, Query(description="when: any, or one of /v1/situations")] = "any",
    requirement: Annotated[str, Query(description="what is needed: any, or one of them")] = "any",
) -> Situation:
    """Read the situation from a query; raises BadInputError when a part is not known."""
    return situation(profile, window, requirement)
