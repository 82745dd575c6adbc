"""The list of an answer: what stands under each name, what it weighs, and the same as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import UTC, datetime
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.http.client import Client
from tests.http.conftest import person

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.oneself.contact import addresses
from expertfinder.ask.organisation.choices import Choosing
from expertfinder.ask.quoting import read_first
from expertfinder.http.pages import wording
from expertfinder.http.pages.drawing import cells
from expertfinder.http.pages.drawing.rows import rows_of
from expertfinder.model import (
    NOBODY,
    ORGANISATION,
    SHARED,
    Citation,
    Confidence,
    Query,
    Ranking,
    Reason,
    Recommendation,
    Source,
)

AT = datetime(2026, 5, 3, tzinfo=UTC)


def cited(post: str, title: str, *, adds: float = 1.0, rank_without: int = 1) -> Citation:
    """A post that somebody wrote in May 2026."""
    return Citation(
        post=post,
        title=title,
        kind="answer",
        act="wrote",
        at=AT,
        contribution=adds,
        without=0.0,
        rank_without=rank_without,
    )


def answer(*people: tuple[str, list[Citation], str]) -> Ranking:
    """An answer with a person for each subject, posts and sentence."""
    found = tuple(
        Recommendation(
            subject=f"acme:{name}",
            role="expert",
            score=1.0,
            confidence=Confidence.HIGH,
            reasons=(Reason(part="meaning", value=1.0, text=text, citations=tuple(posts)),),
            posts=len(posts),
        )
        for name, posts, text in people
    )
    return Ranking(query=Query(text="pumps"), recommendations=found, confidence=Confidence.HIGH)


def known(*names: str) -> dict[str, object]:
    """The people of these names."""
    return {f"acme:{name}": person(name, name.title()) for name in names}


def test_a_sentence_that_more_than_half_have_is_said_under_none() -> None:
    ranking = answer(*((name, [], "The same." if name != "c" else "Another.") for name in "abc"))
    rows = rows_of(ranking, known("a", "b", "c"))  # type: ignore[arg-type]
    assert [row.said for row in rows] == [(), (), ("Another.",)]


@pytest.mark.parametrize("q", ["kubernetes", "kubernetes ingress", "invoices ledger", "contract"])
def test_no_sentence_of_a_page_is_under_more_than_half_of_its_people(demo_client: Client, q: str) -> None:
    page = demo_client.get("/", params={"q": q}).text
    rows = page.split('<li class="row">')[1:]
    said = Counter(
        text
        for row in rows
        for text in {
            " ".join(re.sub(r"<[^>]+>", "", one).split())
            for one in re.findall(r'<p class="lead">(.*?)</p>|<ul class="said">(.*?)</ul>', row, re.DOTALL)
            for one in one
            if one
        }
    )
    assert rows
    assert all(count <= max(1, len(rows) / 2) for count in said.values()), said


def test_a_post_leads_one_person_alone_where_there_is_another() -> None:
    shared, own = cited("p1", "Both", adds=2.0), cited("p2", "Own")
    rows = rows_of(answer(("a", [shared], ""), ("b", [shared, own], "")), known("a", "b"))  # type: ignore[arg-type]
    assert [row.lead.post for row in rows if row.lead] == ["p1", "p2"]


def test_posts_of_one_title_are_shown_once_with_how_many_there_are() -> None:
    posts = [cited(f"p{n}", "Tip of the day", adds=9.0 - n) for n in range(3)]
    (row,) = rows_of(answer(("a", posts, "")), known("a"))  # type: ignore[arg-type]
    assert [(one.citation.post, one.alike) for one in row.evidence] == [("p0", 2)]
    assert [one.post for one in read_first(answer(("a", posts, "")).recommendations)] == ["p0"]


@pytest.mark.parametrize(
    ("posts", "near", "said"),
    [(1, 1, "One post only"), (2, 2, "Strong evidence"), (1, 4, "Strong evidence"), (0, 0, "Own word only")],
)
def test_the_badge_is_no_surer_than_the_posts_behind_it(posts: int, near: int, said: str) -> None:
    one = Recommendation(
        subject="acme:a",
        role="expert",
        score=1.0,
        confidence=Confidence.HIGH,
        reasons=(
            Reason(part="meaning", value=1.0, text="", citations=tuple(cited(f"p{n}", "") for n in range(posts))),
        ),
        posts=near,
    )
    assert wording.badge(one).words == said


# --- the table for a spreadsheet -------------------------------------------------------------------------------------


@given(st.text(max_size=40))
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    written = cells.cell(text)
    assert not written.lstrip(" \u00a0\ufeff").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "|", "%"))
    assert written.removeprefix("'") == text or written == text


def test_the_table_has_the_people_of_the_page(demo_client: Client) -> None:
    page = demo_client.get("/", params={"q": "kubernetes ingress"}).text
    table = demo_client.get("/answer.csv", params={"q": "kubernetes ingress"})
    assert table.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(table.text)))
    named = re.findall(r'<h3><a dir="auto" href="[^"]+">([^<]+)</a>', page)
    assert [line["name"] for line in lines] == named
    assert lines[0]["title"] == "Cluster engineer"
    assert "score" not in lines[0]


# --- what there is to choose from, and whom one may write to ---------------------------------------------------------


def test_filters_offer_what_there_is_for_the_viewer_with_how_many(finder: ExpertFinder) -> None:
    choosing = Choosing(finder)
    shared, dana = choosing.of(SHARED), choosing.of(finder.viewer("acme:dana"))
    assert dict(shared.units) == {"Platform": 2, "Finance": 1, "Legal": 2}
    assert dict(dana.units)["Legal"] == 3  # she may find Ivo, too
    assert dict(shared.places) == {"Lisbon": 4, "Lagos": 1}
    assert dict(shared.languages) == {"en": 1, "sv": 1}
    assert sum(dict(dana.kinds).values()) == sum(dict(shared.kinds).values()) + 8
    assert choosing.of(SHARED) is shared


def test_only_the_address_of_a_record_that_one_may_find_is_given(own_finder: ExpertFinder) -> None:
    own_finder.store.apply(
        [
            Source(id="acme", audience=ORGANISATION, directory=True, proves=("email",)),
            person("ada", "Ada Lind", accounts=("email:ada@acme.example",)),
            person("ben", "Ben Okafor", accounts=("email:ben@acme.example",), audience=NOBODY),
            person("cleo", "Cleo Marsh", accounts=('email:cleo"onmouseover=x@acme.example', "github:cleo")),
        ]
    )
    own_finder.refresh()
    ids = [f"acme:{name}" for name in ("ada", "ben", "cleo", "none")]
    assert addresses(own_finder, ids, SHARED) == {"acme:ada": "ada@acme.example"}


def test_asking_begins_an_e_mail_with_the_question() -> None:
    link = wording.mail("ada@acme.example", person("ada", "Ada Lind"), "pumps & seals?")
    assert link.startswith("mailto:ada@acme.example?subject=A%20question%20about%20pumps%20%26%20seals%3F&body=")


def test_ask_leads_to_the_question_about_to_be_put_to_the_person(demo_client: Client) -> None:
    page = demo_client.get("/", params={"q": "kubernetes & ingress", "place": "Lisbon", "as": "acme:ben"}).text
    (ask,) = re.findall(r'href="(/questions\?[^"]*to=acme%3Aada[^"]*)"', page)
    about = demo_client.get(unescape(ask)).text
    assert 'value="kubernetes &amp; ingress"' in about
    assert '<a dir="auto" href="/people/acme:ada?as=acme%3Aben">Ada Lind</a>' in about


# --- what it weighs --------------------------------------------------------------------------------------------------


def test_pages_are_sent_zipped_and_files_are_kept_by_the_browser(demo_client: Client) -> None:
    zipped = demo_client.get("/", params={"q": "kubernetes"}, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    plain = demo_client.get("/", params={"q": "kubernetes"}, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == zipped.text
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', plain.text):
        file = demo_client.get(address)
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        again = demo_client.get(address, headers={"If-None-Match": file.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    for address in ("/static/style.css", "/static/none.css?v=12345678"):
        assert demo_client.get(address).headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("path", ["/nothing", "/?as=acme:nobody", "/people/acme:none", "/static/none.css"])
def test_who_asks_with_a_browser_is_told_in_a_page_what_went_wrong(demo_client: Client, path: str) -> None:
    browser = demo_client.get(path, headers={"Accept": "text/html,application/xhtml+xml"})
    assert browser.status_code == 404
    assert browser.headers["content-type"].startswith("text/html")
    assert "<h1>Page not found</h1>" in browser.text
    api = demo_client.get("/v1/people/acme:none", headers={"Accept": "text/html"})
    assert api.headers["content-type"] == "application/problem+json"
