"""Every word that people read on a page is marked, and stands in every catalogue, whole and as it is said now."""

from __future__ import annotations

import importlib.util
import re
import string
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from jinja2 import nodes

from expertfinder.configuration import languages
from expertfinder.http.pages import rendering

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "src" / "expertfinder" / "http" / "pages" / "templates"
OTHERS = [code for code in languages.LANGUAGES if code != languages.ENGLISH]
NAMES = {"expertfinder", "CSV", "JSON", "ef"}
"""What is called the same in every language."""
LABELS = frozenset(
    {"alt", "aria-label", "aria-description", "data-summary", "label", "placeholder", "title", "summary"}
)
"""Attributes whose values people read or hear."""
MARKS = frozenset({"_", "gettext", "ngettext", "phrase"})
SAME = re.compile(r"[^\W\d_]{2,}")


def tool() -> ModuleType:
    """`scripts/words.py`."""
    spec = importlib.util.spec_from_file_location("words", ROOT / "scripts" / "words.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def said() -> Catalog:
    """Every text that is marked now."""
    found = tool().extracted()
    assert isinstance(found, Catalog)
    assert len(found) > 400
    return found


def forms(text: Message) -> list[str]:
    """The translations of a text: one, or one for each form of the plural."""
    return [text.string] if isinstance(text.string, str) else list(text.string or ())


def texts(text: Message) -> list[str]:
    """The English of a text."""
    return [text.id] if isinstance(text.id, str) else list(text.id)


def slots(text: str) -> set[str]:
    """The slots of a text, in either way of writing them."""
    named = set(re.findall(r"%\((\w+)\)s", text))
    return named or {name for _, name, _, _ in string.Formatter().parse(text) if name}


def tags(text: str) -> list[str]:
    """The markup of a text, in order of its names."""
    return sorted(re.findall(r"<[^>]*>", text))


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_has_every_text_and_no_other(said: Catalog, code: str) -> None:
    held = tool().read(code)
    missing = [text.id for text in said if text.id and held.get(text.id) is None]
    gone = [text.id for text in held if text.id and said.get(text.id) is None]
    assert (missing, gone) == ([], []), "run scripts/words.py and write the translations"
    for text in held:
        if text.id:
            assert not text.fuzzy
            assert all(forms(text)), text.id
            assert len(forms(text)) == (held.num_plurals if text.pluralizable else 1), text.id


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_slots_and_the_markup_of_its_text(code: str) -> None:
    for text in tool().read(code):
        if not text.id:
            continue
        wanted = set.union(*map(slots, texts(text)))
        for form in forms(text):
            assert slots(form) <= wanted, text.id
            assert wanted - slots(form) <= ({"count", "num"} if text.pluralizable else set()), text.id
            assert tags(form) == tags(texts(text)[0]), text.id
            assert form.count("%") == texts(text)[0].count("%"), text.id
            assert form[:1].isspace() or not texts(text)[0][:1].isspace(), text.id
            assert form[-1:].isspace() or not texts(text)[0][-1:].isspace(), text.id


@pytest.mark.parametrize("code", OTHERS)
def test_hardly_a_text_is_the_same_in_another_language(code: str) -> None:
    same = [
        text.id
        for text in tool().read(code)
        if isinstance(text.id, str) and len(text.id) > 14 and text.id == text.string
    ]
    assert [text for text in same if SAME.search(re.sub(r"\{\w*\}|%\(\w+\)s", "", text))] == []


class Seen(HTMLParser):
    """The texts and labels of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in LABELS and value]
        if tag in ("code", "script", "style"):
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.found.append(data)


def seen(html: str) -> list[str]:
    """What people read of some HTML."""
    parser = Seen()
    parser.feed(html)
    return parser.found


def pieces(node: nodes.Node) -> Iterator[str]:
    """What a template writes as it stands, in order: its text, and constants that no function marks."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in MARKS:
        yield "\u2026"
    elif isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        for child in (node.expr1, node.expr2):
            if child is not None:
                yield from pieces(child)
    elif isinstance(node, nodes.Or | nodes.Concat | nodes.Add):
        for child in node.iter_child_nodes():
            yield from pieces(child)
    elif isinstance(node, nodes.Expr):
        yield "\u2026"
    else:
        for child in node.iter_child_nodes():
            if not isinstance(child, nodes.Expr) or isinstance(node, nodes.Output):
                yield from pieces(child)


def unmarked(source: str) -> list[str]:
    """Words of a template that are not marked."""
    html = "".join(pieces(rendering.TEMPLATES.parse(source)))
    return [text.strip() for text in seen(html) if set(re.findall(r"[A-Za-z]{2,}", text)) - NAMES]


@pytest.mark.parametrize("template", sorted(str(file.relative_to(TEMPLATES)) for file in TEMPLATES.rglob("*.html")))
def test_every_word_of_a_template_is_marked(template: str) -> None:
    assert unmarked((TEMPLATES / template).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        '<p>{{ "Hello" if name else "" }}</p>',
        '<p>{{ name or "Nobody" }}</p>',
        '<p aria-label="Hello {{ name }}"></p>',
        "<p>{{ name }} asks</p>",
        "{% for one in some %}<li>{{ one }} said</li>{% else %}none{% endfor %}",
        '<p>{{ " · asked" ~ name }}</p>',
    ],
)
def test_the_walk_finds_a_word_that_is_not_marked(source: str) -> None:
    assert unmarked(source)


@pytest.mark.parametrize(
    "source",
    [
        '<p class="quiet">{{ _("Hello") }}</p>',
        '<option{{ " selected" if name else "" }}>{{ name }}</option>',
        "{% trans name=name %}Hello <b>{{ name }}</b>{% endtrans %}",
        "<code>expertfinder key create</code>",
    ],
)
def test_the_walk_takes_markup_for_no_word(source: str) -> None:
    assert unmarked(source) == []


def test_the_script_says_in_english_what_pages_bring_in_other_languages() -> None:
    layout = (TEMPLATES / "layout.html").read_text("utf-8")
    script = (rendering.STATIC / "page.js").read_text("utf-8")
    brought = dict(re.findall(r"""data-(\w+)="\{\{ _\('([^']*)'\) \}\}\"""", layout))
    asked = dict(re.findall(r'worded\("(\w+)", "([^"]*)"\)', script))
    assert brought == asked
    assert len(asked) >= 6
