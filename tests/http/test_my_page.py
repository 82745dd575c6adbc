"""My page: every part of it, every form, signed in and in the demonstration mode, and in a browser without barriers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.http.browser import chromium
from tests.http.client import Client
from tests.http.conftest import CANARY
from tests.http.signing import KNOWN, Desk, signed_app
from tests.http.test_browser import WIDTHS

import expertfinder.http.pages
from expertfinder.ask.finder import ExpertFinder
from expertfinder.http import Options, create_app
from expertfinder.http.pages.wording import in_short
from expertfinder.model import Query
from expertfinder.store import AuditEntry

STATIC = Path(str(expertfinder.http.pages.__file__)).parent / "static"
PARTS = (
    "How others find me",
    "My topics",
    "Topics I add",
    "My evidence",
    "Help that worked",
    "Who may find me, and when to ask me",
    "Questions that reached me",
    "What I follow",
    "Who asked about me",
    "What is kept about me",
)


@pytest.fixture
def desk(own_finder: ExpertFinder) -> Desk:
    """Ada at her desk, signed in."""
    own_finder.store.apply(KNOWN)
    own_finder.refresh()
    return Desk(signed_app(own_finder)).signed_in_as("ada")


def named(finder: ExpertFinder, text: str = "kubernetes ingress") -> list[str]:
    """Whom everybody's answer names."""
    return [one.subject for one in finder.find(Query(text=text), finder.viewer(None)).recommendations]


def test_the_page_has_its_parts_in_order_and_says_how_one_is_found(desk: Desk, own_finder: ExpertFinder) -> None:
    own_finder.store.write_audit(AuditEntry(at=own_finder.now(), actor="acme:ben", event="assess", subject="acme:ada"))
    page = desk.get("/me").text
    assert tuple(part for part in re.findall(r"<h2>(.*?)</h2>", page)) == PARTS
    assert "You are number 1 of" in page
    assert re.search(r"Ben Okafor</strong> <span class=\"aside\">asked how well you know something", page)
    assert "You are not named." in desk.get("/me?q=invoices").text
    assert "this person" not in page
    assert CANARY not in page


def test_no_sentence_of_ones_own_page_is_about_somebody_else(known_finder: ExpertFinder) -> None:
    everybody = known_finder.viewer(None)
    reasons = [
        reason
        for person in known_finder.people(everybody, ids=[one.id for one in known_finder.viewers()])
        for text in ("kubernetes ingress", "beekeeping", "invoices", "sailing")
        for reason in known_finder.explain(Query(text=text), person.id, everybody).reasons
        if reason.text
    ]
    assert {one.part for one in reasons} >= {"words and meaning", "profile", "centre", "declared"}
    about = re.compile(r"\b(this person|themselves|they|their|them)\b")
    assert any(about.search(one.text) for one in reasons)
    for reason in reasons:
        assert not about.search(in_short([reason])), reason.text
    assert in_short([one for one in reasons if one.part == "profile"][:1]).startswith(
        "Words of the question stand in what you"
    )


def test_every_form_of_the_page_is_taken_and_counts_at_once(desk: Desk, own_finder: ExpertFinder) -> None:
    def send(path: str, **fields: str) -> None:
        answer = desk.post(path, fields, of="/me")
        assert (answer.status_code, answer.headers["location"]) == (303, "/me"), answer.text

    send("/me/topics", topic="kubernetes", says="moved_on", listed="listed")
    assert "acme:ada" not in named(own_finder)
    assert "I have moved on" in desk.get("/me").text
    send("/me/topics", topic="kubernetes", act="forget")
    assert named(own_finder)[0] == "acme:ada"
    send("/me/topics", topic="beekeeping", says="can_mentor", listed="listed")
    assert "waits for evidence" in desk.get("/me").text
    send("/me/evidence", post="acme:post-1", why="not_mine")
    assert "Count it again" in desk.get("/me").text
    send("/me/evidence", post="acme:post-1", act="forget")
    send("/me/availability", paused_until="2999-01-01", per_week="3")
    assert "acme:ada" not in named(own_finder)
    assert 'value="2999-01-01"' in desk.get("/me").text
    send("/me/availability", paused_until="", per_week="")
    send("/me/visibility", seen_by="nobody")
    assert "acme:ada" not in named(own_finder)
    page = desk.get("/me")
    assert page.status_code == 200, "who is hidden still reaches their own page"
    assert "you are in no answer that everybody gets" in page.text


@pytest.mark.parametrize(
    ("path", "fields", "says"),
    [
        ("/me/visibility", {"seen_by": "friends"}, "no such choice of seen by"),
        ("/me/topics", {"topic": " - ", "says": "keep", "listed": "listed"}, "a topic is a word or a few"),
        ("/me/topics", {"topic": "x"}, "no such choice of says"),
        ("/me/availability", {"paused_until": "tomorrow"}, "a pause ends on a day"),
        ("/me/availability", {"per_week": "-1"}, "asks in a week"),
        ("/me/evidence", {"post": "acme:post-26", "why": "not_mine"}, "have access"),
        ("/me/erase", {"confirm": "yes"}, "nothing was forgotten"),
    ],
)
def test_what_a_form_cannot_mean_is_said_on_a_page(desk: Desk, path: str, fields: dict[str, str], says: str) -> None:
    answer = desk.post(path, fields, of="/me")
    assert answer.status_code in (400, 404)
    assert says in answer.text.lower()


def test_everything_is_taken_away_and_one_leaves_from_the_page(desk: Desk, own_finder: ExpertFinder) -> None:
    assert "acme:post-12" in desk.get("/me/export.html").text
    assert desk.get("/me/export.ndjson").text.startswith('{"what":"record"')
    assert desk.post("/me/erase", {"confirm": "acme:ada"}, of="/me").status_code == 303
    assert "acme:ada" not in named(own_finder)
    assert desk.get("/me").status_code in (302, 303, 307), "the session is over with the person"


def test_the_demonstration_shows_it_to_look_at_and_says_so(own_finder: ExpertFinder) -> None:
    client = Client(create_app(own_finder, own_finder.store, Options(insecure_demo=True)), base_url="http://127.0.0.1")
    page = client.get("/me?as=acme:ada").text
    assert tuple(re.findall(r"<h2>(.*?)</h2>", page)) == PARTS
    assert "nothing on it can be changed" in page
    assert 'method="post"' not in page
    assert "Nobody is signed in" in client.get("/me").text
    assert client.post("/me/visibility", content="seen_by=nobody").status_code == 401


def has_no_barrier(html: str, browser_path: str) -> None:
    """A page as it is served, with its style sheets, has none in any width and scheme, and is never too wide."""
    with chromium(browser_path) as browser:
        for size in WIDTHS.values():
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
                page = context.new_page()
                page.set_content(html)
                for sheet in ("style.css", "pages.css"):
                    page.add_style_tag(path=str(STATIC / sheet))
                found = Axe().run(page)
                assert found.violations_count == 0, found.generate_report()
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
                context.close()


@pytest.mark.needs_browser
def test_the_page_with_all_its_forms_has_no_barrier_in_any_width_and_scheme(desk: Desk, browser_path: str) -> None:
    desk.post("/me/topics", {"topic": "kubernetes", "says": "keep", "listed": "community"}, of="/me")
    desk.post("/me/evidence", {"post": "acme:post-1", "why": "exclude"}, of="/me")
    html = re.sub(r"<(link|script)[^>]*>(</script>)?", "", desk.get("/me").text)
    html = html.replace("<details>", "<details open>")
    has_no_barrier(html, browser_path)
