"""Two hundred attacks as names, texts, tags and questions: no page has a tag, an attribute or an address of theirs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import closing
from html.parser import HTMLParser
from itertools import pairwise
from typing import get_args
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from tests.http.browser import chromium, serving
from tests.http.client import Client
from tests.http.conftest import NOW
from tests.http.hostile import PAYLOADS, hostile_world
from tests.sizes import size

from expertfinder.ask.oneself.subscriptions import Event
from expertfinder.http import Options, create_app
from expertfinder.http.routes.me.subscriptions import atom
from expertfinder.model import Audience, Community
from expertfinder.store import Introduction, Pilot, PutQuestion, RoleProfile, Routed, Subscription
from expertfinder.store.statements.organisation import folded
from expertfinder.store.statements.questions import Went

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
            if address and value and not value.startswith(("/", "#", "https://", "http://", "mailto:")):
                self.wrong.append(f"{tag} {name}={value}")
            if address and (value or "").startswith("//"):
                self.wrong.append(f"{tag} {name}={value}")


def clean(page: str) -> list[str]:
    """What of a page is not ours."""
    found = Tags(page)
    return [*found.wrong, *(["scripts"] if found.scripts > 1 else [])]


def following(text: str) -> Subscription:
    """Somebody follows an attack."""
    return Subscription(
        subscription=f"s{ATTACKS.index(text)}",
        person="x:7",
        follows="topic",
        subject=text,
        via="webhook",
        digest="",
        url=text,
        secret="",
        sent=NOW.isoformat(),
        at=NOW,
    )


WENT: tuple[Went, ...] = get_args(Went)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An organisation all of whose words are attacks, in the demonstration mode."""
    with closing(hostile_world(tmp_path_factory.mktemp("attacked"), ATTACKS, every=10)) as finder:
        for n, text in enumerate(ATTACKS):
            put = PutQuestion(
                question=f"q{n}",
                person=f"x:{n}",
                text=text,
                community="x:g0",
                anonymous=bool(n % 2),
                asked_at=NOW.isoformat(),
                answered=False,
                answer="",
                at=NOW,
            )
            finder.store.state(put)
            finder.store.state(
                Routed(
                    question=f"q{n}", person=f"x:{n}", subject="x:7", day="2026-06-01", went=WENT[n % len(WENT)], at=NOW
                )
            )
            finder.store.state(following(text))
            role = RoleProfile(role=folded(text), label=text, topics=(text, ATTACKS[n - 1]), at=NOW)
            finder.store.state(role)
        finder.store.state(
            Pilot(name=ATTACKS[0], units=tuple(ATTACKS[:100]), communities=(), since="2026-03-01", at=NOW)
        )
        only = Audience("private", people=("x:7",))
        people = tuple(f"x:{n}" for n in range(10))
        kept = Community(
            id="champions:x", source="champions", name=ATTACKS[1], members=people, leads=("x:7",), audience=only
        )
        finder.store.apply([kept])
        for one, other in pairwise(people):
            finder.store.state(Introduction(community=kept.id, one=one, other=other, at=NOW))
        finder.refresh()
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
        *("/questions?as=x:7", "/questions?q=pumps&as=x:7&to=x:1", "/questions?q=pumps&as=x:7&community=x:g0"),
        *("/me?as=x:7", "/communities/x:g0?as=x:7", "/communities/champions:x?as=x:7", "/me/export.html?as=x:7"),
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


def test_the_attacks_stand_on_the_pages_that_what_people_say_is_on(attacked: Client) -> None:
    assert "What your role asks for" in attacked.get("/me?as=x:7").text
    assert "Introductions" in attacked.get("/communities/champions:x?as=x:7").text
    assert "Pilot: " in attacked.get("/insights").text


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
            ("/questions", ("q", "to", "community")),
            ("/me", ("q", "follows", "subject")),
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


def test_a_feed_is_whole_and_has_the_addresses_that_are_ours_whatever_is_followed() -> None:
    for text in ATTACKS:
        path = f"/posts/{quote(text, safe=':')}"
        event = Event(name=text, kind="post.new", id=text, at=NOW, path=path)
        tree = ElementTree.fromstring(atom("https://experts.example", following(text), [event]))
        kinds = {element.tag.rpartition("}")[2] for element in tree.iter()}
        assert kinds == {"feed", "id", "title", "updated", "author", "name", "entry", "link"}
        assert [one.attrib for one in tree.iter() if one.attrib] == [{"href": f"https://experts.example{path}"}]


@pytest.mark.needs_browser
def test_questions_that_are_attacks_run_nothing_in_a_browser(attacked: Client, browser_path: str) -> None:
    with chromium(browser_path) as browser, serving(attacked.app) as at:
        page = browser.new_context(base_url=at, bypass_csp=True).new_page()
        ran: list[str] = []
        page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss())[1])
        page.on("pageerror", lambda error: ran.append(str(error)))
        for path in ("/questions?q=pumps&as=x:7&community=x:g0", "/communities/x:g0?as=x:7", "/me?as=x:7"):
            page.goto(path)
            assert page.locator(".asked-of").count() >= 60
            page.evaluate("document.querySelectorAll('main *').forEach(one => one.focus?.())")
        assert ran == []


def test_the_instrument_sees_an_attack() -> None:
    for page in (
        '<a href="javascript:x">',
        "<svg/onload=x>",
        "<img src=x>",
        '<a href="//evil.example">',
        "<p style='x'>",
    ):
        assert clean(page) != []
