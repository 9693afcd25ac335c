"""Names of services as a family reads them, made of those that registers write."""

import re

from mapping.text import plain

_FORM = r"S\.? ?N\.? ?C\.?|S\.? ?A\.? ?S\.?|S\.? ?R\.? ?L\.?(?: ?S\.?)?|S\.? ?P\.? ?A\.?"
_COMPANY = re.compile(rf"[ ,]{{1,3}}(?:{_FORM})(?![A-Z.])(?= |,|$|-)", re.IGNORECASE)
_OWNER = re.compile(
    r"[ ,]{1,3}(?:D[AEI](?:L|LLA|LLE|I|GLI)? )?(?:DR|DOTT|PROF)\b.*|[ ,]{1,3}& ?C\b.*",
    re.IGNORECASE,
)
"""Of whom a pharmacy is: "DEL DR. …", "DI … & C."."""
_FORMER = re.compile(r"\((?:EX|GIA'?) [^()]{1,80}\)", re.IGNORECASE)
_GLUED = re.compile(r"(?<=[^\W\d_]{3})(?=\d)|(?<=[^\W\d_]{3}\.)(?!LE\b)(?=[\"A-Z])")
_CUT_ACCENT = re.compile(r"(?<=[A-Z]{2})([AEIOU])'(?=[ ,)]|$)")
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
    "familiare", "grado", "gr", "infanzia", "largo", "materna", "media", "n", "nido", "paritaria",
    "piazza", "piazzale", "primaria", "scuola", "secondaria", "statale", "via", "viale", "vicolo",
    "v.le", "p.le", "p.zza", "c.so", "l.go", "f.lli", "b.ni",
}
# fmt: on


def readable_name(name: str, category: str, city: str | None) -> str:
    """Write a name that a register has in capitals, or as a company, as people say it.

    ``SCALABRINI SRL SOCIETA' A SOCIO UNICO`` is ``Farmacia Scalabrini`` among pharmacies, ``VIA
    UCELLI DI NEMI48`` ends in ``via Ucelli di Nemi 48``; the name of the city at the end is left
    out. Other names stay as they are.
    """
    if not name.isupper():
        return _COMPANY.sub("", name) if _COMPANY.search(name) else name
    short = _without_company(name, category)
    if city and len(short) > len(city):
        short = re.sub(rf" ?-? ?\b{re.escape(city.upper())}$", "", short) or short
    readable = _capitalised(_GLUED.sub(" ", _CUT_ACCENT.sub(_accented, short)))
    if category == "farmacia" and "farmaci" not in plain(readable):
        return f"Farmacia {readable}"
    return readable


def is_same_name(name: str, readable: str) -> bool:
    """Whether two names differ in capitals, blanks and accents alone."""
    letters = (re.sub(r"[^a-z0-9]", "", plain(text)) for text in (name, readable))
    return next(letters) == next(letters)


def _without_company(name: str, category: str) -> str:
    former = _FORMER.search(name)
    match = _COMPANY.search(name)
    # What follows the form of a pharmacy's company says whose it is; elsewhere it may be the place.
    is_pharmacy = category == "farmacia"
    short = (name[: match.start()] if is_pharmacy else _COMPANY.sub("", name)) if match else name
    if is_pharmacy:
        # "EREDI DR. BRUNI" says nothing without the owner.
        short = short if short.startswith("EREDI") else _OWNER.sub("", short)
        if former and former[0] not in short:
            short = f"{short} {former[0]}"
    return short.strip(" ,-") or name


def _accented(match: re.Match[str]) -> str:
    return _ACCENTS[match[1]]


def _capitalised(text: str) -> str:
    first = _WORD.search(text)

    def written(match: re.Match[str]) -> str:
        word = match[0]
        begins = first is not None and match.start() == first.start()
        is_first = begins or match.string[: match.start()].endswith('"')
        if plain(word) in _SMALL and not is_first:
            return word.lower()
        is_cut = match.string[match.end() :].startswith(".") and len(word) > 1
        if _INITIALS.fullmatch(word) or not (is_cut or _VOWEL.search(word)):
            return word
        return ".".join(part.capitalize() for part in word.split("."))

    return _WORD.sub(written, text)
