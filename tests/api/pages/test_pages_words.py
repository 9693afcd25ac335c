"""Every page in every language: what stays Italian says that it is, and no text is forgotten."""

from html.parser import HTMLParser

import pytest

from api.i18n.language import LANGUAGES
from tests.api.conftest import Server
from tests.api.tour import STOPS, spoken, stop

pytestmark = pytest.mark.shared

VOID = {"meta", "link", "input", "br", "img", "hr", "path", "use", "rect", "line", "circle", "wbr"}
# Codes, drawings and lists of names are no sentences.
SILENT = {"script", "style", "code", "bdi", "svg", "option", "textarea", "title"}
NAMES = {"Prossima", "NIL", "PDF"}
CATALOGUE_HEADER = "Plural-Forms"


class Sentences(HTMLParser):
    """The texts of a page that are in its own language, as far as its marks say."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside = bool(self._open) and self._open[-1][1]
        marked = tag != "html" and "lang" in dict(attrs)
        if tag not in VOID:
            self._open.append((tag, inside or marked or tag in SILENT))

    def handle_endtag(self, tag: str) -> None:
        while tag not in VOID and self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text not in NAMES and any(letter.isalpha() for letter in text) and not self._foreign:
            self.found.add(text)

    @property
    def _foreign(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def read(server: Server, name: str, code: str) -> str:
    wanted = stop(name, server)
    path = spoken(wanted.path, code)
    form = dict(wanted.form)
    answer = server.client.post(path, data=form) if form else server.client.get(path)
    assert answer.status_code == wanted.status, answer.text[:300]
    return answer.text


@pytest.mark.parametrize("name", STOPS)
def test_what_is_the_same_in_italian_and_in_arabic_is_marked_as_italian(
    milano_server: Server, name: str
):
    italian = Sentences(read(milano_server, name, "it")).found
    assert italian & Sentences(read(milano_server, name, "ar")).found == set()


@pytest.mark.parametrize("name", STOPS)
def test_each_language_has_every_page(milano_server: Server, name: str):
    for code, own in LANGUAGES.items():
        html = read(milano_server, name, code)
        assert f'lang="{code}"' in html
        assert own in html or name == "embedded"
        assert CATALOGUE_HEADER not in html


def test_a_forgotten_text_would_be_seen():
    named = '<bdi lang="it">Via Prova</bdi><svg><path/><text>Nord</text></svg><p lang="it">Sì</p>'
    assert Sentences(f"<p>Vai {named}</p>").found == {"Vai"}
