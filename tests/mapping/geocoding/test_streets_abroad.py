"""Words for a street in other languages, in Latin letters."""

import pytest

from mapping.geocoding.address import parse
from mapping.geocoding.streets_abroad import in_italian


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("calle Padova 5", "via Padova 5"), ("Rue de la Prova 5", "via Prova 5"),
        ("61 rue Padova", "via Padova 61"), ("61, Padova street", "via Padova 61"),
        ("Padova Road 5, Milano", "via Padova 5, Milano"), ("street Padova 5", "via Padova 5"),
        ("avenue Monza", "via Monza"), ("plaza Duomo", "piazza Duomo"),
        ("vulytsia Padova 5", "via Padova 5"), ("ulica Padova", "via Padova"),
    ],
)  # fmt: skip
def test_a_street_is_a_street_in_every_language(written: str, read: str) -> None:
    assert in_italian(written) == read
    assert parse(written) == parse(read)


@pytest.mark.parametrize(
    "text", ["on the road", "Street art", "via La Rue 5", "via Padova 5", "rue 5", "Place", ""]
)
def test_other_names_stay_as_they_are(text: str) -> None:
    assert in_italian(text) == text
