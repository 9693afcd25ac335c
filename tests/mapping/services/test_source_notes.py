"""What a note speaks of is to be read there: it is neither known nor unknown."""

import pytest

from mapping.services.source_notes import SUBJECTS, spoken_of
from tests.mapping.drawn_tables import service_row


@pytest.mark.parametrize(
    ("note", "subjects"),
    [
        ("aiuto allo studio gratuito", {"free"}),
        ("a pagamento, su prenotazione", {"free", "appointment_required"}),
        ("porta la carta d'identità; solo residenti", {"required_documents", "residence_required"}),
        ("due gradini all'ingresso", {"step_free"}),
        ("bambini da 3 anni, lingue: arabo", {"age_min_months", "languages"}),
        ("orari da confermare", {"opening_hours"}),
        ("costola del centro residenziale", set()),
        ("attivo (2025)", set()),
        (None, set()),
    ],
)
def test_a_note_speaks_of_what_its_words_say(note: str | None, subjects: set[str]) -> None:
    assert spoken_of(service_row("nido", note=note)) == subjects


def test_what_is_known_is_not_looked_up_in_the_note() -> None:
    assert spoken_of(service_row("nido", note="gratuito", free=False)) == set()


def test_subjects_are_columns_of_a_service() -> None:
    row = service_row("nido")
    assert all(hasattr(row, name) for name in SUBJECTS)
