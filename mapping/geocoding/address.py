"""Parse Italian addresses, and make the words of street names comparable."""

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from mapping.geocoding.streets_abroad import in_italian
from mapping.text import number_words, plain, readable, visible

# Kinds of street as written out, and as registers shorten them.
KINDS = {
    "via": ("via", "v"),
    "viale": ("viale", "vle", "v.le"),
    "piazza": ("piazza", "pza", "p.za", "p.zza", "piaz", "p"),
    "piazzale": ("piazzale", "ple", "p.le", "p.zle", "p.zale", "piazz.le", "piazzle"),
    "piazzetta": ("piazzetta", "pta", "p.tta"),
    "corso": ("corso", "cso", "c.so", "c.o"),
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
PARTICLES = {
    "di", "de", "del", "dell", "dello", "della", "dei", "degli", "delle", "d", "da", "dal", "dalla",
    "l", "la", "le", "il", "lo", "i", "gli", "e", "ed", "al", "allo", "alla", "ai", "agli", "alle",
    "a", "in",
}  # fmt: skip
_SAINTS = {"san", "santo", "santa", "sant", "santi", "sante", "ss", "santissima", "santissimo"}
_ALIKE = {
    "fratelli": "flli", "monsignor": "mons", "cardinale": "card", "cardinal": "card",
    "giovan": "giovanni", "gian": "giovanni", "pta": "porta",
}  # fmt: skip
PRIVATE = {"privata", "privato", "priv"}
"""Words of a street's name that are written or not."""
MAX_LETTERS = 200
"""An address is not longer: what follows is not read, so that no text takes long."""
SHORT_LETTERS = 3
"""A register may cut a word, not shorter than this, or give its initial."""
_MONTHS = (
    "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
)
_MONTH = re.compile(_MONTHS)
MAX_NUMBER_WORD = 31
"""Streets are named after days of a month."""
_NUMBERS = {word: str(number) for word, number in number_words(MAX_NUMBER_WORD).items()}
_NUMBERS |= {"primo": "1", "quinto": "5"}
_ORDINALS = {
    "prima": "1", "secondo": "2", "seconda": "2", "terzo": "3", "terza": "3", "quarto": "4",
    "quarta": "4", "quinta": "5", "sesto": "6", "sesta": "6", "settimo": "7", "settima": "7",
    "ottavo": "8", "ottava": "8", "nono": "9", "nona": "9", "decimo": "10", "decima": "10",
}  # fmt: skip
"""As words of names they stay words, for they are surnames and villages too."""
_ALIKE_ORDINALS = {*_ORDINALS, *_ORDINALS.values()}
MAX_TRIED = 8
"""Numbers of a line that are tried as its civic: no street has so many in its name."""
MAX_CIVIC = 9999
"""Registers write 0 or 99999 where there is no number."""
_ROMAN = re.compile(r"(?=[ivx]{2,})x{0,3}(?:ix|iv|v?i{0,3})")
_ROMAN_LETTERS = {"i": "1", "v": "5", "x": "10"}
_REGNAL = {"alberto", "amedeo", "carlo", "emanuele", "leone", "paolo", "pio", "umberto", "vittorio"}
"""Behind these names, and before a month, a single letter is a numeral: ``Pio X``, ``I Maggio``."""
_SUFFIX = r"(?!e\s+[a-z]|c/o)(?:[a-z]|bis|ter|quater|\d{1,2})"
_LETTER = r"(?:[a-z]|bis|ter|quater)(?![a-z])"
_BEHIND_STROKE = (
    rf"/\s?(?!c/o)((?:\d{{1,4}}|{_LETTER})(?:(?:(?:\s?[/-]\s?)?(?:{_LETTER}|\d{{1,3}})"
    r"|\s[a-d])(?![a-z0-9]))*)"
)
"""A stroke says that all of it belongs to the number: ``4/16A``, ``30/24/A``, ``15/101``."""
_NUMBER_WORD = r"(?:n(?:um(?:ero)?|\.?ro|r|o|\.?\s?c)?|civ(?:ico)?)(?![a-z])[.\s°º]*"
_NUMERO = re.compile("\\s*[\u2116#]\\s*(?=\\d)")
_ZERO = r"(?:[.,]0{1,2}(?=$|\s|,))?"
"""What a spreadsheet writes behind a number that it takes for a quantity: ``61.0``."""
_CIVIC = re.compile(
    # A number after a comma, "n.", a blank, or glued to the name: "CRIVELLI21", "CIRIE'10".
    rf"(?:,|(?:\b{_NUMBER_WORD})+|\s|(?<=[a-z])|(?<=[aeiou]'))\s*"
    rf"(\d{{1,4}}){_ZERO}\s*(?:{_BEHIND_STROKE}|[/\s-]?\s*({_SUFFIX}))?(?=$|\s|,|-|/|\()",
    re.IGNORECASE,
)
_UNDER_ONE = re.compile(r"\b0+[.,]\d{1,3}(?=$|[\s,])")
"""What programs make of ``1/2``: it is no civic number, as 0 is none."""
_YEAR_IN_NAME = re.compile(r"(?:1[789]|20)\d\d$")
_UNNUMBERED = re.compile(
    r"(?:[,\s]|^)\s*(?:s\.?\s?n\.?\s?c\.?|s\.n\.?|sn|s/n)(?=$|[\s,(-])", re.IGNORECASE
)
_ASIDE = re.compile(r"[\s,(-]*\b(?:ang(?:\.|olo\b)|int(?:\.|erno\b)|km\b)", re.IGNORECASE)
"""What follows is another street, a door inside, or a distance: no civic number of this street."""
_TURNED = ("via", "viale", "piazza", "piazzale", "corso", "largo", "vicolo")
"""Kinds that registers also put behind the name, before the number, or glued to the name."""
STREET_WORDS = "|".join(sorted(_TURNED, key=len, reverse=True))
"""As a pattern."""
_NUMBER_FIRST = re.compile(
    rf"(\d{{1,4}}(?:\s?/?\s?{_SUFFIX})?)\s*[,\s]\s*((?:{STREET_WORDS})\s.*)", re.IGNORECASE
)
_PROVINCE = re.compile(r"\([a-z]{2}\)", re.IGNORECASE)
"""The code of a province, before the number or behind: ``via Padova (CO) 61``."""
_KIND_IN_BRACKETS = re.compile(r"([^(]+)\(([a-z.]+)\)\s*,?(.*)", re.IGNORECASE)
PREMISES = (
    "c/o|presso|oratorio|parrocchia|biblioteca|scuol[ae]|associazione|cooperativa|istituto"
    "|consultorio|ospedale|asilo|nido|farmacia|palestra|chiesa|spazio|ludoteca"
)
"""Words for a place at an address, as a pattern: no comune is called so."""
_PLACE_FIRST = re.compile(
    rf"(?:([^,\d]*?)\s*-|((?:{PREMISES})(?![a-z])[^,]*),)\s*"
    rf"((?:{STREET_WORDS})\s(?!\s*\d+\s*$).*)",
    re.IGNORECASE,
)
_STREET_INSIDE = re.compile(rf"\b(?:{STREET_WORDS})\s", re.IGNORECASE)
"""``scuola via Prova - via Altra`` has two streets: neither is left out."""
_GLUED = re.compile(rf"({STREET_WORDS})(?!reggio)([a-z]{{5,}}\s?\d.*)", re.IGNORECASE)

_CAP = re.compile(r"(?:\bc\.?a\.?p\.?[\s:]*)?(?<!\d\.)\b(\d{5})\b", re.IGNORECASE)
"""Not the decimals of a coordinate."""
_ACCENT = re.compile(r"(?<=[aeiou])'(?=[a-z])")
_SAINT, _GATE = re.compile(r"\bs\.t[aeio]\b\.?"), re.compile(r"\bp\.ta\b")
_OTHER_LETTER = re.compile(r"[^\W\d_a-z]")
_WORD, _NO_LETTER = re.compile(r"[a-z0-9]+"), re.compile(r"[^a-z0-9]")
_AROUND, _TWO_LETTERS = re.compile(r"^[\s,()-]+|[\s,()-]+$"), re.compile("[A-Za-z]{2}")
_BEFORE_NUMBER = re.compile(r"\([^)]*\)(?=\s*,?\s*\d)")
_IN_BRACKETS = re.compile(r"\s*\([^)]*\)?")
_SORTED = re.compile(
    r"([^(),\d]*[^(),\s\d])\s*\("
    r"((?:in memoria )?(?:de(?:i|l|gli|lla|lle|llo)|dell'|di|ai|agli|all[ae])"
    r"|sant[aio]?'?|santissim[io]|san|f\.?lli|fratelli|beat[ao])\)",
    re.IGNORECASE,
)
"""What registers put behind a name, to sort by its main word: ``corso Porta Prova (di)``."""
_FIRST_WORD = re.compile(r"([^\W\d_]+(?:\.[A-Za-z]+)*)(\.|,?\s)\s*(.+)")
_SHORT_VIA = re.compile(r"v\.\s*(?=[A-Za-z]{2}|[A-Za-z]\.)(.+)", re.IGNORECASE)
_KIND_LAST = re.compile(rf"(.*[a-z]{{2}}.*)\s({STREET_WORDS})", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """An address taken apart; whatever is not written is None."""

    kind: str | None
    street: str
    civic: int | None = None
    suffix: str | None = None
    cap: str | None = None
    locality: str | None = None
    unnumbered: bool = False
    """Whether the address states that it has no civic number: ``snc``."""

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The comparable words of the street, without its kind.

        None beside a name in another alphabet: the number that stands there is no street's name.
        """
        words = tokens(self.street)
        if self.street.isascii() or not all(map(str.isdigit, words)):
            return words
        return () if _OTHER_LETTER.search(plain(self.street)) else words

    @cached_property
    def public_tokens(self) -> tuple[str, ...]:
        """The same without saying that it is private: that is left out as often."""
        return tuple(word for word in self.tokens if word not in PRIVATE) or self.tokens

    @cached_property
    def with_kind(self) -> str:
        """The words of `public_tokens` behind the kind."""
        return " ".join(filter(None, [self.kind, *self.public_tokens]))


def forget_readings() -> None:
    """Forget the texts that were read last: what somebody typed, once it is answered."""
    parse.cache_clear()


@lru_cache(maxsize=16)
def parse(text: str, *, civic: str | None = None, cap: str | None = None) -> Address:
    """Split an address into street, civic number and postcode.

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

    Notes
    -----
    What answers a question reads its text again and again: the last few readings are remembered,
    until `forget_readings`.
    """
    line = " ".join(_NUMERO.sub(" n. ", visible(text)[:MAX_LETTERS]).split()).strip(" ,")
    line = _with_its_article(in_italian(line))
    written_cap = _CAP.search(line)
    if written_cap:
        cap = cap or written_cap[1]
        line = (line[: written_cap.start()] + line[written_cap.end() :]).strip(" ,")
    place, line = _place_first(_in_order(line))
    line, unnumbered = _unnumbered(line)
    head, number, suffix, tail = _civic(line)
    province = _PROVINCE.search(line)
    if province and province[0] not in tail:
        tail = f"{tail}, {province[0]}"
    if civic and civic.strip():
        head, (number, suffix), tail = line.split(",")[0], civic_number(civic), ""
        unnumbered = number is None and _UNNUMBERED.search(civic) is not None
    kind, street = _kind(head)
    locality = _AROUND.sub("", tail) or place or None
    return Address(kind, street, number, suffix, cap, locality, unnumbered and number is None)


def normalised(address: Address) -> str:
    """Write an address in its one form: ``via Padova, 61/A``.

    Parameters
    ----------
    address : Address
        Of `parse`.

    Returns
    -------
    str
        Kind written out, street, civic number with its suffix, or ``snc``. Parsing it and writing
        it again changes nothing.
    """
    street = " ".join(filter(None, [address.kind, readable(address.street)]))
    if address.civic is None:
        return f"{street}, snc" if address.unnumbered else street
    return f"{street}, {address.civic}" + (f"/{address.suffix}" if address.suffix else "")


def normalise_text(text: str) -> str:
    """Normalise an address where that loses nothing: ``V.LE CORSICA82`` is ``viale Corsica, 82``.

    An address that says more, or has no number, keeps its words; only capitals are lowered.
    """
    address = parse(text)
    written = f"{letters(address.street)}{address.civic}{letters(address.suffix or '')}"
    says_more = address.kind is None or address.civic is None or address.locality
    whole = not says_more and letters(text).endswith(written)
    return normalised(address) if whole else readable(text)


def tokens(street: str) -> tuple[str, ...]:
    """Make the words of a street name comparable: ``Sant'Uguzzone`` is ``("san", "uguzzone")``.

    The name comes without its kind. Accents and particles are dropped; saints, titles and numbers
    take one form: ``XXII Marzo`` is ``("22", "marzo")``.
    """
    if not street:
        return ()
    # An apostrophe after a vowel is an accent that was typed so: "Ampe're", "Nicolo'".
    text = _ACCENT.sub("", plain(street[:MAX_LETTERS]).replace("f.lli", "flli"))
    if "." in text:
        text = _GATE.sub("porta", _SAINT.sub("san", text))
    written = list(_WORD.finditer(text))
    words = [match[0] for match in written]
    alike = [
        (word in _ROMAN_LETTERS and _numeral(words, at))
        or ("" if word in PARTICLES and _is_particle(text, written[at], at) else _alike(word))
        for at, word in enumerate(words)
    ]
    return tuple(filter(None, alike)) or tuple(map(_alike, words))


def _numeral(words: list[str], at: int) -> str | None:
    """Read a roman numeral of one letter, where it stands as one."""
    numeral = _ROMAN_LETTERS[words[at]]
    before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else None
    if after is None:
        return numeral if before in _REGNAL or (before and words[at] == "i") else None
    return numeral if _MONTH.fullmatch(after) else None


def _is_particle(text: str, match: re.Match[str], at: int) -> bool:
    # "L. Verdi" and "E Manzoni" begin with an initial, "d'Annunzio" does not.
    is_dotted = text[match.end() : match.end() + 1] == "."
    opens = at == 0 and match.end() < len(text)
    if len(match[0]) > 1 or not (is_dotted or opens):
        return True
    return not ((is_dotted and (opens or match[0] != "d")) or (opens and match[0] in "ae"))


def letters(street: str) -> str:
    """Keep only letters and digits of a street name: ``De Pretis`` becomes ``depretis``."""
    return _NO_LETTER.sub("", plain(street))


def kind_of(text: str) -> str | None:
    """Expand the kind of a street: ``VLE`` is ``viale``; None when the text is no kind."""
    return _KIND_OF.get(plain(text).replace(".", "").strip())


def inner_kind(address: Address) -> Address | None:
    """Read a kind that the name begins with, such as ``via Largo Prova``; None where it has none.

    A kind alone, such as ``via Ripa``, is a name.
    """
    kind, street = _kind(address.street)
    return replace(address, kind=kind, street=street) if kind and tokens(street) else None


def same_word(wanted: str, own: str) -> bool:
    """Whether a written word may stand for a word of a street's name: it, its initial or number."""
    # An initial stands for a name; anything shorter than a word of the register's does not.
    if wanted == own or {wanted, own} == {"s", "san"}:
        return True
    if own in (_ROMAN_LETTERS.get(wanted), _ORDINALS.get(wanted)) or wanted == _ORDINALS.get(own):
        return True
    return len(wanted) == 1 and own.startswith(wanted) and not wanted.isdigit()


def same_street(register: str, name: str) -> int | None:
    """Compare a register's short, inverted or cut street name with a full one.

    Returns a cost, or None when they differ: ten for each word that the register leaves out, one
    for each that it shortens. ``PARETO VILFREDO`` or ``BARTOLOMEO D'ALV`` are such short names.
    """
    return same_words(tokens(register), tokens(name))


def same_words(words: tuple[str, ...], name: tuple[str, ...]) -> int | None:
    """Compare two names as `same_street`, by their words of `tokens`."""
    left = list(name)
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


def stands_for_itself(word: str) -> bool:
    """Whether a written word may stand for no other word of a street's name, by `same_word`."""
    return len(word) > 1 and word != "san" and word not in _ALIKE_ORDINALS


def _cut(word: str, own: str) -> bool:
    return len(word) >= SHORT_LETTERS and own.startswith(word)


def _with_its_article(line: str) -> str:
    """Put in front of a name what a register has in brackets behind it."""
    match = _SORTED.match(line) if "(" in line else None
    if match is None:
        return line
    first, _, rest = match[1].partition(" ")
    name = f"{first} {match[2]} {rest}" if rest and kind_of(first) else f"{match[2]} {match[1]}"
    return name + line[match.end() :]


def _in_order(line: str) -> str:
    # "61, via Padova", "Padova (via) 61" and "VIASALERNO5" become kind, name, number.
    if match := _NUMBER_FIRST.fullmatch(line):
        street, comma, rest = match[2].partition(",")
        return f"{street}, {match[1]}{comma}{rest}"
    match = _KIND_IN_BRACKETS.fullmatch(line)
    # Behind a street, or where no number follows, "(CO)" is a province.
    is_province = match and (_kind(match[1])[0] or not (match[2][2:] or re.search(r"\d", match[3])))
    if match and kind_of(match[2]) and not is_province:
        return f"{match[2]} {match[1].strip()} {match[3].strip()}"
    return _GLUED.sub(r"\1 \2", line) if _GLUED.fullmatch(line) else line


def _place_first(line: str) -> tuple[str, str]:
    # "Quarto Oggiaro - via Aldini 72"; a street that comes first is the street.
    match = _PLACE_FIRST.fullmatch(line)
    place = (match[1] or match[2] or "").strip() if match else ""
    is_street = _kind(place)[0] not in (None, "località") or _STREET_INSIDE.search(place)
    if not match or is_street:
        return "", line
    return place, match[3]


def _unnumbered(line: str) -> tuple[str, bool]:
    match = _UNNUMBERED.search(line)
    if not match:
        return line, False
    return f"{line[: match.start()]},{line[match.end() :]}".strip(" ,"), True


def _civic(line: str) -> tuple[str, int | None, str | None, str]:
    # The first number that ends a word is the civic, unless the street's name begins with it.
    line = _UNDER_ONE.sub("0", _BEFORE_NUMBER.sub(" ", line))
    aside = _ASIDE.search(line, 1)
    line, rest = (line[: aside.start()], line[aside.start() :]) if aside else (line, "")
    match, tried = _CIVIC.search(line), 0
    while match and tried < MAX_TRIED:
        head, after = line[: match.start()], line[match.end() :].strip()
        if _is_street(head) and not _is_named(match, after):
            number, suffix = match[1], match[2] or match[3]
            return head, int(number), suffix.upper() if suffix else None, f"{after} {rest}"
        match, tried = _CIVIC.search(line, match.end(1)), tried + 1
    head, _, tail = line.partition(",")
    if kind_of(head):
        head, tail = line, ""
    return head, None, None, f"{tail} {rest}"


def _is_street(head: str) -> bool:
    kind, street = _kind(head)
    if not _WORD.search(plain(street[:MAX_LETTERS])) or (kind is None and kind_of(street)):
        return False
    return kind is not None or _TWO_LETTERS.search(street) is not None


def _is_named(match: re.Match[str], after: str) -> bool:
    # "via 6 Febbraio 16", "via 8 Ottobre 2001", "piazza Trattati di Roma 1957, 5".
    if _YEAR_IN_NAME.match(match[1]):
        dated = re.search(rf"(?:{_MONTHS})$", match.string[: match.start()], re.IGNORECASE)
        if dated or re.match(r",\s*\d", after):
            return True
    comma = "," in match.string[: match.end()]
    return not comma and _is_name(after)


def _is_name(after: str) -> bool:
    return re.match(_MONTHS, after, re.IGNORECASE) is not None


def civic_number(civic: str) -> tuple[int | None, str | None]:
    """Read a civic number and its suffix from a field of its own: ``12/a``, ``n. 12 bis``.

    None where there is none from 1 to `MAX_CIVIC`.
    """
    match = re.match(
        rf"\s*(?:{_NUMBER_WORD})*(\d{{1,9}})(?!\d)\s*"
        rf"(?:{_BEHIND_STROKE}|[/\s-]?\s*([A-Za-z]+|\d{{1,2}}))?",
        visible(civic),
        re.IGNORECASE,
    )
    if not match or not 0 < int(match[1]) <= MAX_CIVIC:
        return None, None
    suffix = match[2] or match[3]
    return int(match[1]), suffix.upper() if suffix else None


def suffix_key(suffix: str | None) -> str:
    """Make suffixes of a civic number comparable: ``24/A`` and ``24 a`` are ``24A``."""
    return re.sub(r"[^A-Z0-9]", "", suffix.upper()) if suffix else ""


def _kind(head: str) -> tuple[str | None, str]:
    head = _IN_BRACKETS.sub(" ", head).strip(" ,-")
    match = _FIRST_WORD.match(head)
    kind = kind_of(match[1]) if match else None
    # "P. Borsellino" is Paolo; "V. Vasari" and "V.Vasari" are a via.
    if match and kind and not (match[2] == "." and match[1].lower() == "p"):
        return kind, match[3].strip()
    if short := _SHORT_VIA.match(head):
        return "via", short[1].strip()
    turned = _KIND_LAST.fullmatch(head)
    return (kind_of(turned[2]), turned[1].strip(" ,")) if turned else (None, head)


def _alike(word: str) -> str:
    if word in _SAINTS:
        return "san"
    if word[0] in _ROMAN_LETTERS and _ROMAN.fullmatch(word):
        return str(_arabic(word))
    return _ALIKE.get(word) or _NUMBERS.get(word) or word.replace("j", "i")


def _arabic(roman: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10}[letter] for letter in roman]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))
