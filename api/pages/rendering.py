"""Render templates in the reader's language."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2.filters import do_mark_safe

from api.i18n.language import LANGUAGES, Words, words, words_for
from api.published import Published
from mapping.services.translations import content

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
        extensions=["jinja2.ext.i18n"],
    )
    speaks: Any = environment  # the extension adds the method
    speaks.install_gettext_translations(words(code).translations, newstyle=True)
    environment.globals["gettext"] = _gettext(words(code))
    environment.filters["bodies"] = _bodies
    environment.globals["content"] = content
    return environment


def _gettext(said: Words) -> Any:
    """Translate in a template: a text without parts, such as a label, is neither format nor HTML.

    The extension's own function would take a per cent sign in a label for a format, and trust its
    markup.
    """

    def translate(text: str, **parts: object) -> str:
        translated = said.gettext(text)
        return do_mark_safe(translated) % parts if parts else translated

    return translate


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
        **context,
    )
    kept = "no-store" if request.method == "POST" else "no-cache"
    headers = {"Cache-Control": kept, "Content-Language": words.code, "Vary": "Accept-Language"}
    return HTMLResponse(html, status, headers)


def _linking(request: Request) -> Any:
    chosen = request.query_params.get("lang")
    spoken_here = {"lang": chosen} if chosen in LANGUAGES else {}

    def link(path: str, **query: object) -> str:
        """Lead to a page of ours; a language that was chosen goes along."""
        asked = {name: value for name, value in {**spoken_here, **query}.items() if value}
        return f"{path}?{urlencode(asked, doseq=True)}" if asked else path

    return link


def _bodies(operation: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {}).values()
    return [part["schema"]["$ref"].rpartition("/")[2] for part in content]
