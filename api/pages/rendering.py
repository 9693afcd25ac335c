"""Render templates in the reader's language."""

from collections.abc import Iterable, Mapping
from functools import cache, partial, reduce
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.i18n.language import LANGUAGES, Words, words, words_for
from api.i18n.zone_sentences import isolated_in_lines
from api.published import Published
from mapping.edition.queries import known_outside, without_records
from mapping.services.phones import dialled
from mapping.services.source_notes import spoken_of
from mapping.services.translations import content
from mapping.taxonomy import categories
from mapping.text import area_name

PAGES = Path(__file__).parent
FONTS: Mapping[str, str] = {
    "ar": "noto-sans-arabic",
    "bn": "noto-sans-bengali",
    "uk": "noto-sans",
    "zh": "noto-sans-sc",
}
"""Where a script is not in the font of the pages: the folder of the one that has it."""


@cache
def templates(code: str) -> jinja2.Environment:
    """Make the environment of templates for a language of `LANGUAGES`; values are escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # A checkout that is brought forward must not change the pages of the release that runs.
        auto_reload=False,
    )
    environment.globals.update(_translating(words(code)))
    environment.filters["area_name"] = area_name
    environment.filters["asked_first"] = _asked_first
    environment.filters["bodies"] = _bodies
    environment.filters["italian"] = _italian
    environment.filters["isolated_in_lines"] = partial(isolated_in_lines, words=words(code))
    environment.filters["tongue"] = words(code).language
    environment.tests["enrolled"] = _enrolled
    environment.tests["ageless"] = _ageless
    environment.globals["content"] = content
    environment.globals["dialled"] = dialled
    environment.globals["spoken_of"] = spoken_of
    return environment


def _translating(words: Words) -> dict[str, Any]:
    """Make what templates call on an Italian text; the parts of a sentence are escaped."""

    def gettext(text: str, **parts: object) -> str:
        # A text without parts, such as the label of an overlay, is neither a format nor HTML.
        translated = words.gettext(text)
        if not parts:
            return translated
        return Markup(translated) % words.written(parts)  # noqa: S704 - of a catalogue

    def ngettext(singular: str, plural: str, number: int, **parts: object) -> Markup:
        text = Markup(words.ngettext(singular, plural, number))  # noqa: S704 - of a catalogue
        return text % words.written({"num": number, **parts})

    def listed(parts: Iterable[str]) -> str:
        """Put parts one after the other, with the comma of the language."""
        texts = list(parts)
        return reduce(_pair, texts) if texts else ""

    def _pair(first: str, second: str) -> str:
        return gettext("%(first)s, %(second)s", first=first, second=second)

    return {"listed": listed, "_": gettext, "gettext": gettext, "ngettext": ngettext}


def render(template: str, words: Words, **context: Any) -> str:
    """Fill in a template of `api/pages/` as HTML."""
    return templates(words.code).get_template(template).render(words=words, **context)


def page(
    request: Request, reading: Published, template: str, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """Answer with a page in the reader's language; no cache keeps the answer to a form."""
    words = words_for(request)
    html = render(
        template,
        words,
        city=reading.city.name,
        languages=LANGUAGES,
        font=FONTS.get(words.code),
        path=quote(request.url.path),
        link=_linking(request),
        estimated=reading.estimated,
        attributions=reading.attributions,
        edition=reading.edition.id,
        backdrop=reading.backdrop,
        without_records=without_records(reading.edition),
        known_outside=known_outside(reading.edition),
        complete_outside=reading.city.beyond.complete,
        **context,
    )
    caching = "no-store" if request.method == "POST" else "no-cache"
    headers = {"Cache-Control": caching, "Content-Language": words.code, "Vary": "Accept-Language"}
    return HTMLResponse(html, status, headers)


def chosen_language(request: Request) -> str:
    """Give the language that the address names; empty where it names none of `LANGUAGES`."""
    code = request.query_params.get("lang", "")
    return code if code in LANGUAGES else ""


def _linking(request: Request) -> Any:
    chosen = chosen_language(request)
    spoken_here = {"lang": chosen} if chosen else {}

    def link(path: str, **query: object) -> str:
        """Lead to a page of ours; a language that was chosen goes along."""
        parameters = {name: value for name, value in {**spoken_here, **query}.items() if value}
        return f"{path}?{urlencode(parameters, doseq=True)}" if parameters else path

    return link


def _asked_first(codes: Iterable[str], needs: Iterable[str]) -> list[str]:
    wanted = set(needs)
    return sorted(codes, key=lambda code: code not in wanted)


def _italian(text: str) -> Markup:
    """Keep an Italian name in its own direction."""
    return Markup('<bdi lang="it">{}</bdi>').format(text)


def _bodies(operation: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {}).values()
    return [part["schema"]["$ref"].rpartition("/")[2] for part in content]


def _enrolled(codes: Iterable[str]) -> bool:
    """Whether one enrols for any of these categories: who is near may find no place."""
    known = categories()
    return any("enrolment" in (known[code].admission or ()) for code in codes if code in known)


def _ageless(code: str) -> bool:
    """Whether a category is for residents of every age."""
    kind = categories()[code]
    no_ages = kind.age_min_months is None and kind.age_max_months is None
    return kind.demand == "residents" and no_ages
