"""Ages as services publish them, where programs that read ages were reported wrong."""

import pytest

from ingest.values.ages import ages, exception
from tests.reported.kind import Kind

UNKNOWN = (None, None)

KINDS = [
    Kind("ahcis-rds/study_finder#2", "an age in weeks", "6 settimane - 12 mesi", (1, 12)),
    Kind("ahcis-rds/study_finder#2", "an age in days", "45 giorni - 3 anni", (1, 36)),
    Kind("timriffe/DemoTools#117", "the last age is served too", "6-14 anni", (72, 180)),
    Kind("lookit/lookit-api#756", "groups that follow one another leave no year out",
         "1-2 e 3-4 anni", (12, 60)),
    Kind("tjtanjin/ped#16", "an older age before a younger one", "24-0 anni", UNKNOWN),
    Kind("homedepot/infinite-wish-board#74", "a half", "da 2½ a 18 anni", (30, 228)),
    Kind("homedepot/infinite-wish-board#74", "under an age", "under 18", (None, 216)),
    Kind("lookit/lookit-api#609", "years and months in one range", "18 mesi - 6 anni", (18, 84)),
    Kind("IFRCGo/cbs#475", "a sign for under", "< 5 anni", (None, 60)),
    Kind("IFRCGo/cbs#475", "a sign for over", "≥ 5 anni", (60, None)),
    Kind("google/ioweb2015#1160", "months to years, in English", "0 months - 8 years", (0, 108)),
    Kind("PolicyEngine/policyengine-us#8600", "an end in months that is left out",
         "6 settimane - 36 mesi", (1, 36)),
    Kind("SparkDevNetwork/Rock#119", "a decimal just short of a birthday", "3-5,9 anni", (36, 71)),
    Kind("nhsuk/nhsuk-service-manual-community-backlog#198", "months past the first birthday",
         "12-24 mesi", (12, 24)),
    Kind("PolicyEngine/policyengine-us#5575", "an age for disabled children alone",
         "6-14 anni (disabili fino a 18)", (72, 180)),
    Kind("matthewmueller/date#64", "months by their letter", "0-36 m", (0, 36)),
    Kind("PolicyEngine/policyengine-us#202", "one age after another", "6-7-8 anni", (72, 108)),
    Kind("hackclub/summer-of-making#1144", "ages with a word between", "dai 13 ai 18 anni",
         (156, 228)),
    Kind("pieforproviders/pieforproviders#1759", "a class of school instead of an age",
         "scuola dell'infanzia", (36, 72)),
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_ages_are_months_or_unknown(kind: Kind) -> None:
    assert ages(kind.example) == kind.right


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("6-14 anni (disabili fino a 18)", "disabili fino a 18"),
        ("dai 6 ai 14 anni, disabili fino a 21", "disabili fino a 21"),
        ("6-14 anni", None), ("disabili 6-18 anni", None),
        ("6-10 anni anche disabili, 11-14 su richiesta", None),
    ],
)  # fmt: skip
def test_an_age_of_some_children_alone_is_told_apart(text: str, words: str | None) -> None:
    assert exception(text) == words
    assert ages(text) != UNKNOWN
