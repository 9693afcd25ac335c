"""Italian addresses: what people and registers write, taken apart and made comparable."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Kinds of street as written out, and as registers shorten them.
KINDS = {
    "via": ("via", "v"),
    "viale": ("viale", "vle", "v.le"),
    "piazza": ("piazza", "pza", "p.za", "p.zza", "piaz", "p"),
    "piazzale": ("piazzale", "ple", "p.le", "p.zle", "piazz.le", "piazzle"),
    "piazzetta": ("piazzetta", "pta", "p.tta"),
    "corso": ("corso", "cso", "c.so"),
    "largo": ("largo", "lgo", "l.go"),
    "vicolo": ("vicolo", "vlo", "vic", "v.lo"),
    "galleria": ("galleria", "gll", "gall"),
    "bastioni": ("bastioni", "bni", "bst", "bastione"),
    "alzaia": ("alzaia", "alz"),
    "ripa": ("ripa", "rip"),
    "strada": ("strada", "str", "sda", "str.da"),
    "passaggio": ("passaggio", "pas", "passo"),
    "foro": ("foro",),
    "parco": ("parco", "pco"),
    "giardino": ("giardino", "gno", "giardini"),
    "sottopasso": ("sottopasso", "sto"),
    "cavalcavia": ("cavalcavia",),
    "località": ("localita", "loc", "cascina"),
}
_KIND_OF = {short.replace(".", ""): kind for kind, shorts in KINDS.items() for short in shorts}
_PARTICLES = {
    "di", "de", "del", "dello", "della", "dei", "degli", "delle", "d", "da", "dal", "dalla", "l",
    "la", "le", "il", "lo", "i", "gli", "e", "ed", "al", "allo", "alla", "ai", "agli", "alle", "a",
    "in",
}  # fmt: skip
_SAINTS = {"san", "santo", "santa", "sant", "santi", "sante", "ss"}
_ALIKE = {
    "fratelli": "flli", "monsignor": "mons", "cardinale": "card", "cardinal": "card",
    "giovan": "giovanni", "gian": "giovanni",
}  # fmt: skip
SHORT_LETTERS = 3
"""A register may cut a word, not shorter than this, or give its initial."""
# fmt: off
_UNITS = (
    "zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci",
    "undici", "dodici", "tredici", "quattordici", "quindici", "sedici", "diciassette", "diciotto",
    "diciannove", "venti", "ventuno", "ventidue", "ventitre", "ventiquattro", "venticinque",
    "ventisei", "ventisette", "ventotto", "ventinove", "trenta", "trentuno",
)
# fmt: on
_MONTHS = (
    "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
)
_NUMBERS = {word: str(number) for number, word in enumerate(_UNITS)} | {"primo": "1", "quinto": "5"}
_ROMAN = re.compile(r"(?=[ivx]{2,})x{0,3}(?:ix|iv|v?i{0,3})")
_CIVIC = re.compile(
    r"(?:,|\bn(?:um(?:ero)?)?[.\s°º]|\s|(?<=[a-z]))\s*(\d{1,4})\s*(?:[/\s-]?\s*([a-z]|bis|ter|\d{1,2}))?"
    r"(?=$|\s|,|-|/|\()",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Address:
    """An address taken apart; whatever is not written is None."""

    kind: str | None
    street: str
    civic: int | None = None
    suffix: str | None = None
    cap: str | None = None
    locality: str | None = None

    @property
    def tokens(self) -> tuple[str, ...]:
        """The comparable words of the street, without its kind."""
        return tokens(self.street)


def parse(text: str, *, civic: str | None = None, cap: str | None = None) -> Address:
    """Take an address apart.

    Parameters
    ----------
    text : str
        Such as ``V.le Zara, 81``, ``via Feltre 68/1``, ``VIA SALERNO5`` or ``via Roma 1, Lecce``.
    civic : str, optional
        The civic number, where it stands in a field of its own.
    cap : str, optional
        The postcode, where it stands in a field of its own.

    Returns
    -------
    Address
        Kind and street as written; the civic with its suffix, in capitals.
    """
    line = re.sub(r"\s+", " ", text).strip(" ,")
    written_cap = re.search(r"\b\d{5}\b", line)
    if written_cap:
        cap = cap or written_cap[0]
        line = (line[: written_cap.start()] + line[written_cap.end() :]).strip(" ,")
    head, number, suffix, tail = _civic(line)
    if civic and civic.strip():
        head, (number, suffix), tail = line.split(",")[0], _number(civic), ""
    kind, street = _kind(head)
    locality = re.sub(r"^[\s,()-]+|[\s,()-]+$", "", tail) or None
    return Address(kind, street, number, suffix, cap, locality)


@lru_cache(maxsize=65536)
def tokens(street: str) -> tuple[str, ...]:
    """Make the words of a street comparable: no accents, saints, numbers and titles alike.

    Parameters
    ----------
    street : str
        Without its kind, such as ``Sant'Uguzzone`` or ``XXII Marzo``.

    Returns
    -------
    tuple of str
        ``("san", "uguzzone")``, ``("22", "marzo")``; particles are left out.
    """
    # An apostrophe after a vowel is an accent that was typed so: "Ampe're", "Nicolo'".
    text = re.sub(r"(?<=[aeiou])'(?=[a-z])", "", plain(street).replace("f.lli", "flli"))
    words = re.findall(r"[a-z0-9]+", text)
    alike = [_alike(word) for word in words]
    kept = tuple(word for word in alike if word not in _PARTICLES)
    return kept or tuple(alike)


def plain(text: str) -> str:
    """Lower a text and take its accents off.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Without combining marks.
    """
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def letters(street: str) -> str:
    """Run the letters of a street together: ``De Pretis`` and ``Depretis`` are then the same.

    Parameters
    ----------
    street : str
        Without its kind.

    Returns
    -------
    str
        Lower letters and digits, without accents, blanks or marks.
    """
    return re.sub(r"[^a-z0-9]", "", plain(street))


def kind_of(text: str) -> str | None:
    """Read the kind of a street, written out or short.

    Parameters
    ----------
    text : str
        Such as ``VLE`` or ``P.zza``.

    Returns
    -------
    str or None
        ``viale``, ``piazza``; None when it is no kind.
    """
    return _KIND_OF.get(plain(text).replace(".", "").strip())


def same_word(wanted: str, own: str) -> bool:
    """Whether a word that was written may stand for a word of a street's name.

    Parameters
    ----------
    wanted, own : str
        Words of `tokens`.

    Returns
    -------
    bool
        True for the same word, and for its initial.
    """
    # An initial stands for a name; anything shorter than a word of the register's does not.
    if wanted == own or {wanted, own} == {"s", "san"}:
        return True
    return len(wanted) == 1 and own.startswith(wanted) and not wanted.isdigit()


def same_street(register: str, name: str) -> int | None:
    """Compare a register's short, inverted or cut name of a street with a full one.

    Parameters
    ----------
    register : str
        Such as ``PARETO VILFREDO``, ``A.DEL SARTO`` or ``BARTOLOMEO D'ALV``.
    name : str
        Such as ``Bartolomeo d'Alviano``.

    Returns
    -------
    int or None
        How unlike they are: ten for each word that the register leaves out, one for each that it
        shortens; None when they differ.
    """
    left, words = list(tokens(name)), tokens(register)
    shortened = 0
    for word in words:
        exact = [own for own in left if word == own]
        short = [own for own in left if same_word(word, own) or _cut(word, own)]
        match = next(iter(exact or short), None)
        if match is None:
            return None
        shortened += match != word
        left.remove(match)
    return 10 * len(left) + shortened


def _cut(word: str, own: str) -> bool:
    return len(word) >= SHORT_LETTERS and own.startswith(word)


def _civic(line: str) -> tuple[str, int | None, str | None, str]:
    # The first number that ends a word is the civic, unless the street's name begins with it.
    for found in _CIVIC.finditer(line):
        head = line[: found.start()]
        after = line[found.end() :].strip()
        if not tokens(_kind(head)[1]) or not re.search(r"[A-Za-z]{2}", _kind(head)[1]):
            continue
        if re.match(r"[A-Za-z]", after) and "," not in line[: found.end()] and _is_name(after):
            continue
        number, suffix = found[1], found[2]
        return head, int(number), suffix.upper() if suffix else None, after
    head, _, tail = line.partition(",")
    return head, None, None, tail


def _is_name(after: str) -> bool:
    return re.match(_MONTHS, after, re.IGNORECASE) is not None


def _number(civic: str) -> tuple[int | None, str | None]:
    found = re.match(r"\s*(\d{1,4})\s*(?:[/\s-]?\s*([A-Za-z]+|\d{1,2}))?", civic)
    if not found:
        return None, None
    return int(found[1]), found[2].upper() if found[2] else None


def _kind(head: str) -> tuple[str | None, str]:
    head = head.strip(" ,-")
    found = re.match(r"([A-Za-zàèéìòù]+(?:\.[A-Za-z]+)*)(\.|\s)\s*(.+)", head)
    kind = kind_of(found[1]) if found else None
    if found and kind and not (found[2] == "." and len(found[1]) == 1):
        return kind, found[3].strip()
    return None, head


def _alike(word: str) -> str:
    if word in _SAINTS:
        return "san"
    if _ROMAN.fullmatch(word):
        return str(_arabic(word))
    return _ALIKE.get(word) or _NUMBERS.get(word) or word.replace("j", "i")


def _arabic(roman: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10}[letter] for letter in roman]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))
