"""Values of an overlay folder that are refused: each is one line and exit 2, with no traceback."""

from pathlib import Path

import pytest

from ingest.source import source
from mapping.city import city
from mapping.config import overlay_files
from mapping.config_values import MATCHED_LETTERS
from tests.overlay import CITY, DESKS, OUTLINES, OVERLAY, TAXONOMY, refused

ROOT = Path(__file__).parents[1]
MILANO = (ROOT / "mapping/cities/milano.toml").read_text(encoding="utf-8")
LOWER = MILANO.replace("known_total = 421", "known_total = 1")
A_PART = """
[[completeness.nido.parts]]
municipi = ["1"]
known_total = 12
source = "Elenco inventato"
year = 2026
"""
INDICATOR = """
[x]
label = "X"
group = "X"
unit = "percent"
table = "coverage"
column = "share_served"
meaning = "X"
method = "Coverage"
"""
WINDOW = '[x]\nlabel = "X"\ndays = "week"\nfrom = 09:00:00\nto = 10:00:00\nminutes = 30\n'
PROFILE = '[x]\nlabel = "X"\nmetres_per_second = 1.0\nsource = "X"\n'
CALENDAR = """
[years."2025/26"]
first_lesson = 2025-09-12
last_lesson = 2026-06-08
holidays = [[2025-12-23, 2026-01-06]]
source = "X"
"""
Files = dict[str, str]


def a_city(old: str, new: str) -> Files:
    assert old in CITY
    return {**OVERLAY, "cities/valdilago.toml": CITY.replace(old, new)}


def a_source(line: str) -> Files:
    return {**OVERLAY, "sources/sportelli.toml": f"{line}\n{DESKS}"}


def a_category(old: str, new: str) -> Files:
    assert old in TAXONOMY
    return {"taxonomy.toml": TAXONOMY.replace(old, new)}


def a_label(label: str) -> Files:
    return a_category('"Sportello famiglia"', f'"{label}"')


CITIES: dict[str, tuple[Files, tuple[str, ...]]] = {
    "another code under the bundled id": (
        {"cities/milano.toml": MILANO.replace("015146", "015147")},
        ("cities/milano.toml", "istat = '015147' is not that of Milano, 015146", "another id"),
    ),
    "another code under the bundled name": (
        {"cities/mi_2.toml": MILANO.replace("015146", "015147").replace('"Milano"', '"MILANÒ"')},
        ("cities/mi_2.toml", "is not that of Milano"),
    ),
    "digits of another script": (
        a_city("013999", "٠١٣٩٩٩"),
        ("'istat' = '٠١٣٩٩٩'", "[0-9]{6}"),
    ),
    "digits of another script in a postcode": (
        a_city('cap_prefix = "22"', 'cap_prefix = "٢٢"'),
        ("'cap_prefix'", "[0-9]{0,4}"),
    ),
    "a lower total": (
        {"cities/milano.toml": LOWER},
        ("known_total of 'farmacia' is 421", "1 here"),
    ),
    "a lower total of a year to come": (
        {"cities/milano.toml": LOWER.replace("year = 2026", "year = 2099")},
        ("year = 2099 of 'farmacia' is to come", "Write that of its source"),
    ),
    "a part that the bundled city does not call complete": (
        {"cities/milano.toml": MILANO + A_PART},
        ("'nido' is complete here in parts", "Take its `parts` out"),
    ),
    "a part of a year to come": (
        {"cities/milano.toml": MILANO + A_PART.replace("2026", "2099")},
        ("year = 2099 of 'nido' is to come",),
    ),
    "a year that is none": (a_city("year = 2026", "year = 9999"), ("9999", "2100")),
    "a system that is none": (
        a_city("epsg = 32632", "epsg = 999999"),
        ("999999", "32632 or 32633"),
    ),
    "braces": (
        a_city("epsg", 'municipio_name = "Zona {x}"\nepsg'),
        ("Zona {x}", "no other braces"),
    ),
    "a province that is none": (a_city("epsg", 'holidays = "Como"\nepsg'), ("Como", "[A-Z]{2}")),
    "a judged file elsewhere": (
        a_city(
            "[completeness",
            '[[labelled]]\nname = "X"\njudged = "../x"\ncolumns = {}\n[completeness',
        ),
        ("'labelled.0.judged' = '../x'", "leads outside"),
    ),
    "rows in no order": (
        a_city("[completeness", "[expect.confini]\nmin_rows = 9\nmax_rows = 1\n[completeness"),
        ("min_rows is above max_rows",),
    ),
}
LABELS: dict[str, tuple[Files, tuple[str, ...]]] = {
    label: (a_label(label), words)
    for label, words in {
        "Centro antiviolenza": ("'sportello_famiglia' has the label", "that of 'antiviolenza'"),
        "CENTRO  ANTIVIOLENZA": ("single blanks",),
        "CENTRO ANTI-VIOLENZÀ": ("that of 'antiviolenza'", "Give it another one"),
        "\u0421entro antiviolenza": ("letters of another alphabet",),
        "Centre against violence": ("speaks of a confidential place",),
        "<b>Sportello</b>": ("leave out < and >",),
        "Sportello\\u0007": ("control character", "Remove it"),
        "Sportello\\u202e": ("control character", "Remove it"),
        "Sportello\\nfamiglia": ("in one line",),
        "": ("write words",),
        "S" * 81: ("has 81 letters, and may have 80",),
    }.items()
}
SOURCES: dict[str, tuple[Files, tuple[str, ...]]] = {
    line: (a_source(line), ("sources/sportelli.toml", *words))
    for line, words in {
        "live = [1]": ("'live.0' = 1", "give an address"),
        'live = ["ftp://a.example/b"]': ("ftp://a.example/b", "give http(s)://"),
        'live = ["http://a:b@c.example/"]': ("a name or a password", "leave it out"),
        'live = [{ wfs = "https://a.example", type = "a\\u0000" }]': ("control character",),
        'live = [{ wfs = "nowhere", type = "a" }]': ("nowhere", "give http(s)://"),
        'fallback = "../x"': ("'../x': is no id",),
        'bundled = "../x"': ("leads outside its folder",),
        'bundled = "sportelli.csv"': ("is for the sources that come with Prossima", "Use `mirror`"),
        'delimiter = ";;"': ("'delimiter' = ';;'",),
        "refresh_days = -1": ("'refresh_days' = -1",),
        "error_metres = nan": ("'error_metres' = nan is out of all measure",),
        'extract = { name = "(a+)+$" }': ("repeats a group that itself repeats",),
        'skip = [{ column = "a", pattern = "[", reason = "b" }]': ("is no regular expression",),
        'skip = [{ column = "a", pattern = "(a|a)*b", reason = "b" }]': ("may try without end",),
        'skip = [{ column = "a", pattern = ".*a.*b.*c", reason = "b" }]': ("may try without end",),
    }.items()
}
TABLES: dict[str, tuple[Files, tuple[str, ...]]] = {
    "day that is none": (
        {**OVERLAY, "sources/sportelli.toml": DESKS.replace("2026-11-01", "ieri")},
        ("'assured_date' = 'ieri'",),
    ),
    "day that is to come": (
        {**OVERLAY, "sources/sportelli.toml": DESKS.replace("2026-11-01", "2999-01-01")},
        ("assured_date = '2999-01-01' is to come",),
    ),
    "age that ends before it begins": (
        a_category("walk", "age_min_months = 9\nage_max_months = 3\nwalk"),
        ("age_min_months is not below age_max_months",),
    ),
    "age of a thousand years": (
        a_category("walk", "age_min_months = 0\nage_max_months = 12000\nwalk"),
        ("'age_max_months' = 12000", "1200"),
    ),
    "walk of a week": (a_category("25", "10080"), ("'walk_minutes' = 10080", "120")),
    "placeholder in a column": (
        {"indicators.toml": INDICATOR.replace('"share_served"', '"{x}"')},
        ("has no column '{x}'",),
    ),
    "breaks in no order": (
        {"indicators.toml": f"{INDICATOR}breaks = [5, 1]"},
        ("each above the one before",),
    ),
    "breaks out of the unit": (
        {"indicators.toml": f"{INDICATOR}breaks = [5, 1000]"},
        ("breaks are in 'percent'", "1000 is too large"),
    ),
    "breaks that are no numbers": (
        {"indicators.toml": f"{INDICATOR}breaks = [5, inf]"},
        ("'x.breaks.1' = inf", "Give a real number"),
    ),
    "time with a zone": (
        {"windows.toml": WINDOW.replace("09:00:00", '"09:00:00+02:00"') + "days_share = 1"},
        ("without a time zone",),
    ),
    "more minutes than there are": (
        {"windows.toml": f"{WINDOW.replace('30', '90')}days_share = 1"},
        ("minutes is more than lie between",),
    ),
    "speed of a car": ({"profiles.toml": PROFILE.replace("1.0", "14")}, ("14", "equal to 3")),
    "slope in per cent": (
        {"profiles.toml": f"{PROFILE}max_slope = 8"},
        ("'max_slope' = 8", "write 0.08 for 8 %"),
    ),
    "need of a column of another kind": (
        {"requirements.toml": '[x]\nlabel = "X"\ncolumn = "capacity"\ncontains = "1"\n'},
        ("`contains` a list",),
    ),
    "evidence without end": ({"matching.toml": "prior = nan"}, ("'prior' = nan",)),
    "evidence out of range": ({"matching.toml": "[bits.web]\nshared = 99"}, ("99", "20")),
    "evidence above the bundled": (
        {"matching.toml": "[bits.web]\nshared = 9"},
        ("bits.web.shared = 9.0 is above 2.5", "never less"),
    ),
    "prior above the bundled": ({"matching.toml": "prior = 9"}, ("prior = 9.0 is above 0.5",)),
    "probability above one": (
        {"matching.toml": "merged_from = 7"},
        ("'merged_from' = 7", "equal to 1"),
    ),
    "year of lessons elsewhere": (
        {"school_calendars/valle.toml": CALENDAR.replace("2025/26", "2019/20")},
        ("the lessons of '2019/20' are of 2025/26",),
    ),
    "spell that ends before it begins": (
        {"school_calendars/valle.toml": CALENDAR.replace("2026-01-06", "2024-01-06")},
        ("is no spell of days",),
    ),
}
LOMBARDE = (ROOT / "ingest/sources/scuole_lombarde.toml").read_text(encoding="utf-8")
MILANO_AND = MILANO.replace('"scuole_lombarde"', '"scuole_lombarde", "copia"')
SHELTER = '[antiviolenza]\nlabel = "Centro antiviolenza"\ngroup = "diritti"\nconfidential = true\n'
CLOSED = '[chiusa]\nlabel = "Chiusa"\ngroup = "diritti"\nconfidential = true\n'
RULE = '[[categories]]\ncolumn = "name"\npattern = "Sportello"\ncategory = "antiviolenza"\n'
PRIVACY: dict[str, tuple[Files, tuple[str, ...]]] = {
    "a copy of a source for matching": (
        {
            "cities/milano.toml": MILANO_AND,
            "sources/copia.toml": LOMBARDE.replace('role = "matching"', ""),
        },
        ("sources/copia.toml", "were for matching only", 'role = "matching"'),
    ),
    "a copy whose path is written otherwise": (
        {
            "cities/milano.toml": MILANO_AND,
            "sources/copia.toml": LOMBARDE.replace('role = "matching"', "").replace(
                '"services/Ana', '"services/./Ana'
            ),
        },
        ("sources/copia.toml", "were for matching only"),
    ),
    "a copy without review": (
        {
            **OVERLAY,
            "cities/valdilago.toml": CITY.replace('"sportelli"', '"sportelli", "copia"'),
            "sources/sportelli.toml": f"review = true\n{DESKS}",
            "sources/copia.toml": DESKS,
        },
        ("sources/copia.toml", "without review", "review = true"),
    ),
    "a copy without the rule of a confidential category": (
        {
            **OVERLAY,
            "cities/valdilago.toml": CITY.replace('"sportelli"', '"sportelli", "copia"'),
            "sources/sportelli.toml": f"{DESKS}\n{RULE}",
            "sources/copia.toml": DESKS,
        },
        ("sources/copia.toml", "lacks the rule", "'antiviolenza'", "Add it"),
    ),
    "a help line that is a record's phone": (
        {"taxonomy.toml": f'{SHELTER}help_line = "02 9871234"\n'},
        ("help_line of 'antiviolenza' is no longer 1522", "[help_lines]"),
    ),
    "no help line": ({"taxonomy.toml": SHELTER}, ("is no longer 1522",)),
    "a help line of words": (
        {"taxonomy.toml": f'{CLOSED}help_line = "chiedi a Anna"\n'},
        ("'help_line' = 'chiedi a Anna'",),
    ),
    "a help line that nobody lists": (
        {"taxonomy.toml": f'{CLOSED}help_line = "02 9871234"\n'},
        ("help_line = '02 9871234' of 'chiusa' is no short public number", "[help_lines]"),
    ),
    "help lines of words": (
        a_city("[completeness", '[help_lines]\nantiviolenza = ["via Segreta 5"]\n[completeness'),
        ("'help_lines.antiviolenza.0' = 'via Segreta 5'",),
    ),
    "words that are wrong": (
        {"confidential_words.toml": "[x]\nwords = 5\n"},
        ("confidential_words.toml, 'x'", "'words' = 5"),
    ),
    "words that are no TOML": ({"confidential_words.toml": "["}, ("is not TOML",)),
    "words that fit everything": (
        {"confidential_words.toml": '[x]\nwords = ["*"]\n'},
        ("'*' fits too much", "a word of 3 letters"),
    ),
    "words that fit nearly everything": (
        {"confidential_words.toml": '[x]\nwords = ["casa", "a* b*"]\n'},
        ("'a* b*' fits too much",),
    ),
    "a star within a word": (
        {"confidential_words.toml": '[x]\nwords = ["ca*sa"]\n'},
        ("'ca*sa' fits too much", "only at the end"),
    ),
    "a label that speaks of a shelter": (
        a_category('"Sportello famiglia"', '"Casa rifugio Aurora"'),
        ("'Casa rifugio Aurora', which speaks of a confidential place",),
    ),
    "a label that speaks of one in a window": (
        {"windows.toml": WINDOW.replace('"X"', '"Alla casa rifugio"') + "days_share = 1"},
        ("'Alla casa rifugio', which speaks of a confidential place",),
    ),
    "a field that is none": (
        {
            **OVERLAY,
            "sources/sportelli.toml": DESKS.replace('street = "street"', 'stret = "street"'),
        },
        ("sources/sportelli.toml", "'stret' is no field of services", "street"),
    ),
    "a field of another kind of source": (
        {**OVERLAY, "sources/confini.toml": OUTLINES.replace("name = ", "phone = ")},
        ("'phone' is no field of areas",),
    ),
    "values of a field that is none": (
        a_source("values = { nmae = { a = 'b' } }"),
        ("'nmae' is no field of services", "name"),
    ),
    "true for a number": (
        a_category("walk_minutes = 25", "walk_minutes = true"),
        ("'walk_minutes' = True",),
    ),
    "a text for a number": (
        a_category("walk_minutes = 25", 'walk_minutes = "25"'),
        ("'walk_minutes' = '25'",),
    ),
    "true for a place": (a_city("centre = [9.2, 45.6]", "centre = [true, 45.6]"), ("'centre.0'",)),
    "a number for true": (a_source("review = 1"), ("'review' = 1",)),
}
FILES: dict[str, tuple[Files, tuple[str, ...]]] = {
    "arrays without end": ({"windows.toml": "a = " + "[" * 3000}, ("nested too deep",)),
    "keys without end": ({"windows.toml": ".".join("a" * 3000) + " = 1"}, ("nested more than",)),
    "number without end": ({"windows.toml": "a = " + "9" * 5000}, ("windows.toml is not TOML",)),
    "text without end": ({"windows.toml": f'[a]\nlabel = "{"b" * 5000}"'}, ("more than 4000",)),
    "file without end": ({"windows.toml": "#" * 1_000_001}, ("larger than 1000000 bytes",)),
    "key of many letters": ({"windows.toml": f"[{'a' * 3000}]\nb = 1"}, ("aaa…'",)),
    "id of many letters": ({f"sources/{'a' * 200}.toml": OUTLINES}, ("up to 60", "Rename")),
}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        *CITIES.values(), *LABELS.values(), *SOURCES.values(), *TABLES.values(), *FILES.values(),
        *PRIVACY.values(),
    ],
    ids=[
        *CITIES, *(f"label {label[:30]!a}" for label in LABELS), *SOURCES, *TABLES, *FILES,
        *PRIVACY,
    ],
)  # fmt: skip
def test_a_value_that_breaks_a_rule_is_one_line(laid, run, files, words):
    folder = laid(files)
    line = refused(run, *words)
    assert str(folder) not in line
    assert len(line) < 700


def test_a_lower_total_of_a_later_year_with_its_source_is_taken(laid):
    lower = MILANO.replace("known_total = 190", "known_total = 180")
    laid({"cities/milano.toml": lower.replace("year = 2023", "year = 2025")})
    assert city("milano").completeness_of("doposcuola").known_total == 180


def test_hidden_files_are_passed_over(laid):
    laid({"sources/.x.toml": "=", "sources/._x.toml": "=", ".y.toml": "=", "cities/.z.toml": "="})
    assert overlay_files() == []


def test_a_bundled_source_may_be_copied_with_its_path_in_the_pack(laid):
    name = "municipi_pack.toml"
    text = (ROOT / "ingest/sources" / name).read_text(encoding="utf-8")
    laid({f"sources/{name}": text.replace("title =", 'title = "Noi"#')})
    assert source("municipi_pack").title == "Noi"


def test_a_file_that_cannot_be_read_is_one_line(laid, run):
    folder = laid({})
    (folder / "windows.toml").symlink_to("/proc/self/mem")
    refused(run, "PROSSIMA_CONFIG/windows.toml cannot be read", "Mend the file")


def test_a_folder_with_a_name_of_5000_letters_is_one_line(run, monkeypatch):
    monkeypatch.setenv("PROSSIMA_CONFIG", "a" * 5000)
    refused(run, "is no folder that can be read", "Make it")


def test_a_rule_reads_the_beginning_of_a_long_cell(laid):
    laid(a_source('skip = [{ column = "a", pattern = "fine$", reason = "b" }]'))
    rule = source("sportelli").skip[0]
    assert rule.fits({"a": "x" * (MATCHED_LETTERS - 4) + "fine"})
    assert not rule.fits({"a": "x" * MATCHED_LETTERS + "fine"})


def test_a_city_may_add_numbers_to_the_national_one(laid, run):
    number = '[help_lines]\nantiviolenza = ["031 000111"]\nchiusa = ["02 9871234"]\n'
    laid(
        {
            **a_city("[completeness", f"{number}[completeness"),
            "taxonomy.toml": f'{TAXONOMY}{CLOSED}help_line = "02 9871234"\n',
        }
    )
    code, _, error = run("sources", "list")
    assert code == 0, error
    phones = [contact["phone"] for contact in city("valdilago").confidential_contacts]
    assert {"1522", "031 000111"} <= set(phones)
