"""Two hundred attacks as names, texts, tags and questions: no page has a tag, an attribute or an address of theirs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import closing
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from tests.http.client import Client
from tests.http.hostile import PAYLOADS, hostile_world
from tests.sizes import size

from expertfinder.http import Options, create_app

WAYS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    str.upper,
    lambda text: text.replace("<", "&lt;"),
    lambda text: text.replace("<", "<\n"),
    lambda text: f"]({text}) `{text}`",
    lambda text: f"[x](javascript:alert(1)) {text}",
    lambda text: f"<{text}>",
    lambda text: f'" {text} x="',
    lambda text: f"=cmd|'/c calc'!A1 {text}",
    lambda text: text.replace("alert", "\u202ealert") + "\x00",
)
ATTACKS = [way(text) for way in WAYS for text in PAYLOADS]
"""Two hundred: each in ten ways."""
FEW = size("attacks")


class Tags(HTMLParser):
    """What a browser would make of a page: tags with attributes, as far as they matter here."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count scripts, and note what should not be there."""
        self.scripts += tag == "script"
        if tag in ("iframe", "object", "embed", "base", "style", "img", "math", "foreignobject", "template"):
            self.wrong.append(tag)
        for name, value in attrs:
            address = name in ("href", "src", "action", "formaction", "xlink:href", "data", "srcdoc")
            if name.startswith("on") or name == "style" or name == "srcdoc":
                self.wrong.append(f"{tag} {name}")
            if address and tag == "link":
                continue  # ours, in the head
            if address and not (value or "").startswith(("/", "#", "https://", "http://", "mailto:")):
                self.wrong.append(f"{tag} {name}={value}")
            if address and (value or "").startswith("//"):
                self.wrong.append(f"{tag} {name}={value}")


def clean(page: str) -> list[str]:
    """What of a page is not ours."""
    found = Tags(page)
    return [*found.wrong, *(["scripts"] if found.scripts > 1 else [])]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An organisation all of whose words are attacks, in the demonstration mode."""
    with closing(hostile_world(tmp_path_factory.mktemp("attacked"), ATTACKS, every=10)) as finder:
        yield Client(create_app(finder, finder.store, Options(insecure_demo=True)), base_url="http://127.0.0.1")


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/?q=pumps&limit=100",
            "/why?q=pumps&limit=100&person=x:1",
            "/topics",
            "/communities",
            "/communities?q=pumps",
            "/champions?size=20",
            "/insights",
        ),
        *("/team?skills=pumps&skills=attack", "/meet?as=x:7", "/topics/pumps", "/topics/pumps?order=less-known"),
    ],
)
def test_pages_about_all_of_them_have_nothing_of_theirs(attacked: Client, path: str) -> None:
    answer = attacked.get(path)
    assert answer.status_code == 200
    assert clean(answer.text) == []


def test_pages_about_each_of_them_have_nothing_of_theirs(attacked: Client) -> None:
    for n in range(0, len(ATTACKS), len(ATTACKS) // FEW):
        for path in (f"/people/x:{n}", f"/posts/x:p{n}", f"/communities/x:g{n - n % 10}?as=x:{n}"):
            answer = attacked.get(path)
            assert answer.status_code == 200, path
            assert clean(answer.text) == [], path


def test_what_is_asked_stays_text_in_every_field(attacked: Client) -> None:
    for n in range(0, len(ATTACKS), len(ATTACKS) // FEW):
        text = ATTACKS[n]
        for path, names in (
            ("/", ("q", "place", "unit", "language", "kind", "since")),
            ("/communities", ("q", "kind", "after")),
            ("/champions", ("topic", "for", "units", "size", "add")),
            ("/topics", ("q",)),
            ("/team", ("skills", "redundancy")),
            ("/suggest", ("q",)),
        ):
            name = names[n % len(names)]
            asked = {"q": "pumps", name: text} if path == "/" else {name: text}
            assert clean(attacked.get(path, params=asked).text) == [], (path, name, text)
        for path in (f"/people/{quote(text, safe='')}", f"/topics/{quote(text, safe='')}", f"/{quote(text, safe='')}"):
            assert clean(attacked.get(path, headers={"Accept": "text/html"}).text) == [], path


@pytest.mark.parametrize(
    "path", ["/answer.csv?q=pumps&limit=100", "/insights/communities.csv", "/insights/coverage.csv"]
)
def test_no_cell_of_a_table_is_a_formula(attacked: Client, path: str) -> None:
    lines = list(csv.reader(io.StringIO(attacked.get(path).text)))
    assert len(lines) > 1
    assert not [cell for line in lines for cell in line if cell.lstrip().startswith(("=", "+", "-", "@", "|", "%"))]


def test_the_instrument_sees_an_attack() -> None:
    for page in (
        '<a href="javascript:x">',
        "<svg/onload=x>",
        "<img src=x>",
        '<a href="//evil.example">',
        "<p style='x'>",
    ):
        assert clean(page) != []
