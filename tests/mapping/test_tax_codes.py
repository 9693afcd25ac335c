"""The tax code of a person is seen however it is spaced out, and nothing else is taken for one."""

import pytest

from mapping.tax_codes import names_a_person

CODES = [
    "RSSMRA80A01F205X", "rssmra80a01f205x", "RSS MRA 80A01 F205X", "RSSMRA 80A01 F205 X",
    "R S S M R A 8 0 A 0 1 F 2 0 5 X", "RSS.MRA.80A01.F205-X", "RSS\u00a0MRA\u00a080A01\u2009F205X",
    "RSSMRA\u200b80A01\u200bF205X", "la mamma (RSSMRA 80 A 01 F205X) dice", "RSS_MRA_80A01_F205X",
    "RSSMR A80A 01F2 05X", "RSSMRA80A01F20RS", "\uff32\uff33\uff33\uff2d\uff32\uff2180A01F205X",
]  # fmt: skip
OTHERS = [
    "sabato 10 e 12 a 100 m", "dal lunedi 09 e 12 a 150 m", "09479870967", "IT 09479870967",
    "RSSMRA80A01F205XY", "ARSSMRA80A01F205X", "ospedale 20 a 15 minuti, linea m 3",
    "Tel. 02 1234567, interno 12", "straordinariamente", "via Roma 80, scala A 01",
]  # fmt: skip


@pytest.mark.parametrize("text", CODES)
def test_a_code_is_seen_however_it_is_written(text: str) -> None:
    assert names_a_person(["altro", text])


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_looks_alike_is_none(text: str) -> None:
    assert not names_a_person([text])
