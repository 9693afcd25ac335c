"""Names of services as a family reads them, made of those that registers write."""

import re

from mapping.text import plain

_FORM = (
    r"S\.? ?N\.? ?C\.?|S\.? ?A\.? ?S\.?|S\.? ?D\.? ?F\.?|S\.? ?R\.? ?L\.?(?: ?S\.?)?"
    r"|S\.? ?P\.? ?A\.?"
)
_COMPANY = re.compile(rf"[ ,]{{1,3}}(?:{_FORM})(?![A-Z.])(?= |,|\)|$|-|\")", re.IGNORECASE)
_PARTNERS = re.compile(r" DI (?:[A-Z']{2,} ){2,4}(?=S\.?N|S\.?A|S\.?D)", re.IGNORECASE)
"""A partnership bears the name of a partner (codice civile, art. 2292, 2314); others need not."""
_TRADE = re.compile(
    r"^GESTIONI (?=[A-Z])|(?: FARMA)? (?:ACQUISITION|HOLDING)$| RETAIL$|(?<=MAX) ITALIA$",
    re.IGNORECASE,
)
"""What a chain adds to the names of its companies."""
_OWNER = re.compile(
    r"[ ,]{1,3}(?:D[AEI](?:L|LLA|LLE|I|GLI)? )?(?:DR|DOTT|PROF)\b.*|[ ,]{1,3}& ?C\b.*"
    r"|[ ,]{1,3}U\.O\. .*",
    re.IGNORECASE,
)
"""Of whom a pharmacy is: "DEL DR. …", "DI … & C."."""
_FORMER = re.compile(r"\((?:EX|GIA'?) [^()]{1,80}\)", re.IGNORECASE)
_CLUB = re.compile(
    r"[ ,]{1,3}(?:"
    r"(?:Associazione|Societ[aàã]'?) Sportiva Dilettantistica"
    r"|Soc(?:iet[aà]'?|\.) Coop(?:erativa|\.)?(?: Sportiva| S\. ?D\.)?"
    r"|[AS]\. ?[SC]\. ?D\.|[AFU]\. ?C\. ?D\.|A\.P\.S\.|Aps|Onlus"
    r"|\(Mandataria\)|\(Capogruppo\)"
    r")(?: A R\. ?L\.)?(?: Onlus| E Culturale| E Ricreativa)?(?=[ ,]|$)",
    re.IGNORECASE,
)
"""What a sports club is by law: "A.S.D.", "S.S.D. A R.L."."""
_TWICE = re.compile(r"^(.{4,40}) \1(?= )")
_PARTICLE = re.compile(r"(?<=[a-z] )(?:Di|Del|Della|Dei|Degli|Delle|E|Al|Alla)(?= )")
_SCHOOL = re.compile(r"(infanzia|primaria|second?ari[ae]?(?: di)? primo grado) - ", re.IGNORECASE)
_SCHOOL_KINDS = {
    "i": "Scuola dell'infanzia", "p": "Scuola primaria", "s": "Scuola secondaria di primo grado",
}  # fmt: skip
_SHORT = {
    "ELEM.": "ELEMENTARE", "PAR.": "PARITARIA", "PARIFICATA": "PARITARIA", "GR.": "GRADO",
    "SC.": "SCUOLA", "IST.": "ISTITUTO", "ISTIT.": "ISTITUTO", "FOND.": "FONDAZIONE",
    "NAZ.": "NAZIONALE", "NAZ.LE": "NAZIONALE", "PARIF.": "PARITARIA", "INF.": "INFANZIA",
    "COOP.FARM.": "COOPERATIVA",
}  # fmt: skip
_SHORTENED = re.compile(
    r"\b(?:COOP\.FARM\.|ELEM\.|PAR\.|PARIF(?:\.|ICATA\b)|GR\.|SC\.|INF\.|IST(?:IT)?\.|FOND\."
    r"|NAZ\.(?:LE\b)?)(?=(.?))"
)
_GLUED = re.compile(
    r"(?<=[^\W\d_]{3})(?=\d)|(?<=[^\W\d_]{3}\.)(?!LE\b)(?=[\"A-Z\d])"
    r"|(?<=\b[A-Z]\.)(?!LE\b|SO\b|LLI\b|NI\b|ZZ?A\b|GO\b|TA\b)(?=[A-Z]{3})"
    r"|(?<=[^\W\d_]{3})(?=\"[^\W\d_])"
)
_INITIAL = re.compile(r"\b([A-Z])\.(?=[A-Z][a-z]{2})")
_CUT_ACCENT = re.compile(r"(?<=[A-Z]{2})([AEIOU])'(?=[ ,)\"]|$)")
_ACCENTS = dict(zip("AEIOU", "ÀÈÌÒÙ", strict=True))
_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*")
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]|(?!IL$)[IVXL]+|IRCCS|ASST|ATS|CAM|CAG")
_VOWEL = re.compile("[AEIOUÀÈÉÌÒÙ]")
# fmt: off
_SMALL = {
    "a", "ad", "al", "alla", "alle", "ai", "con", "da", "dal", "dalla", "degli", "dei", "del",
    "dell", "della", "delle", "dello", "di", "d", "e", "ed", "ex", "in", "per", "presso", "gia",
    # Nouns that stand in the middle of a name are written small.
    "asilo", "bastioni", "casa", "comunale", "comunali", "consultorio", "corso", "cura",
    "elementare", "familiare", "grado", "gr", "infanzia", "largo", "materna", "media", "n", "nido",
    "paritaria", "piazza", "piazzale", "primaria", "scuola", "secondaria", "ssa", "statale", "via",
    "viale", "vicolo", "v.le", "p.le", "p.zza", "c.so", "l.go", "f.lli", "b.ni",
}
# fmt: on


def readable_name(name: str, category: str, city: str | None) -> str:
    """Write a name that a register has in capitals, or as a company, as people say it.

    ``SCALABRINI SRL SOCIETA' A SOCIO UNICO`` is ``Farmacia Scalabrini`` among pharmacies, ``VIA
    UCELLI DI NEMI48`` ends in ``via Ucelli di Nemi 48``, ``Primaria - Quarenghi`` is a ``Scuola
    primaria``; the name of the city at the end is left out. Other names stay as they are.
    """
    if not _COMPANY.sub("", name).isupper():
        if _SCHOOL.match(name):
            return _INITIAL.sub(r"\1. ", _SCHOOL.sub(_school, name, count=1))
        return _without_forms(name, category)
    short = _without_company(name.upper(), category)
    short = _without_city(short, city) if city else short
    short = re.sub(r'^"([^"]+)"$', r"\1", short)
    whole = _SHORTENED.sub(_written_out, _CUT_ACCENT.sub(_accented, short))
    readable = _capitalised(_GLUED.sub(" ", whole))
    if category == "farmacia" and "farmaci" not in plain(readable):
        return f"Farmacia {readable}"
    return readable


def is_same_name(name: str, readable: str) -> bool:
    """Whether two names differ in capitals, blanks and accents alone."""
    letters = (re.sub(r"[^a-z0-9]", "", plain(text)) for text in (name, readable))
    return next(letters) == next(letters)


def _without_forms(name: str, category: str) -> str:
    """Leave out of a name in small letters what its owner is by law."""
    match = _COMPANY.search(name)
    short = _COMPANY.sub("", name) if match else name
    if match and category == "farmacia":
        short = _OWNER.sub("", name[: match.start()])
    if category == "sport":
        short = _TWICE.sub(r"\1", _CLUB.sub("", short))
        short = _PARTICLE.sub(lambda match: match[0].lower(), short)
    return short.strip(" ,-") or name


def _without_company(name: str, category: str) -> str:
    if category != "farmacia":
        return _COMPANY.sub("", name).strip(" ,-") or name
    # What follows the form of a pharmacy's company says whose it is, or which shop of a chain.
    former, match = _FORMER.search(name), _COMPANY.search(name)
    by_partner = _PARTNERS.sub(" ", name, count=1)
    match = _COMPANY.search(by_partner) if match else None
    short = by_partner[: match.start()] if match else name
    tail = by_partner[match.end() :] if match else ""
    short = _TRADE.sub("", short) or short
    if tail.startswith(" - FARMACIA "):
        short = tail[3:]
    elif tail.startswith(" - ") and not _OWNER.search(tail):
        short = f"{short} {tail[3:]}"
    # "EREDI DR. BRUNI" says nothing without the owner.
    short = short if short.startswith("EREDI") else _OWNER.sub("", short)
    if former and former[0] not in short:
        short = f"{short} {_COMPANY.sub('', former[0])}"
    return short.strip(" ,-") or name


def _without_city(name: str, city: str) -> str:
    """Leave out the city at the end, or the code of its province behind a dash."""
    if len(name) <= len(city):
        return name
    code = re.escape(city[:2].upper())
    short = re.sub(rf" ?-? ?\b{re.escape(city.upper())}$", "", name)
    return re.sub(rf" ?- ?{code}$", "", short) or name


def _school(match: re.Match[str]) -> str:
    return f"{_SCHOOL_KINDS[match[1][0].lower()]} "


def _written_out(match: re.Match[str]) -> str:
    return _SHORT[match[0]] + (" " if match[1].isalpha() or match[1] == '"' else "")


def _accented(match: re.Match[str]) -> str:
    return _ACCENTS[match[1]]


def _capitalised(text: str) -> str:
    first = _WORD.search(text)

    def written(match: re.Match[str]) -> str:
        word = match[0]
        begins = first is not None and match.start() == first.start()
        is_first = begins or match.string[: match.start()].endswith('"')
        is_dotted = match.string[match.end() :].startswith(".")
        is_cut = is_dotted and len(word) > 1
        if plain(word) in _SMALL and not is_first and (is_cut or not is_dotted or word == "N"):
            return word.lower()
        if _INITIALS.fullmatch(word) or not (is_cut or _VOWEL.search(word)):
            return word
        parts = (part.lower() if part == "SSA" else part.capitalize() for part in word.split("."))
        return ".".join(parts)

    return _WORD.sub(written, text)
