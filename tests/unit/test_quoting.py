"""What is cited can be checked: a title or the first words, words around those of the question, a hash or a path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.quoting import AROUND, _cut, explain_quoted, find_quoted, where
from expertfinder.evaluation.sets import world
from expertfinder.model import ORGANISATION, SHARED, Audience, Citation, Fact, Person, Post, Query

DAY = datetime(2026, 3, 1, tzinfo=UTC)
PADDING = "The weather was fine and nothing of note happened on that day. " * 9
HASH = "0123456789abcdef0123456789abcdef01234567"
POSTS = {
    "long": ("A long tale", PADDING + "In the end the turbine gearbox was replaced by hand. " + PADDING),
    HASH: ("Merge pull request #42 from somebody/branch", "Turbine gearbox: oil the bearing before each start"),
    "docs/turbine/gearbox.md": ("", "Notes on the turbine gearbox and its oil, week by week"),
    "line": ("break line", "Turbine gearbox settings are one line each now, so that a change shows what it changes"),
    "reply": ("Re: gearbox", "> my turbine gearbox hums zzquoted\nThe turbine gearbox hums when the oil is cold."),
}


def facts() -> Iterator[Fact]:
    yield Person(id="x:ann", source="x", name="Ann", audience=ORGANISATION)
    for number, (name, (title, text)) in enumerate(POSTS.items()):
        yield Post(
            id=f"x:{name}",
            source="x",
            authors=("x:ann",),
            title=title,
            text=text,
            kind="commit" if name == HASH else "document",
            created_at=DAY - timedelta(days=10 * number + 3),
            audience=ORGANISATION,
        )


@pytest.fixture(scope="module")
def finder() -> Iterator[ExpertFinder]:
    with world(facts(), as_of=DAY.date(), network=False) as made:
        yield made


def cited(finder: ExpertFinder, text: str) -> dict[str, Citation]:
    found = explain_quoted(finder, Query(text=text), "x:ann", SHARED)
    return {one.post.partition(":")[2]: one for reason in found.reasons for one in reason.citations}


@pytest.mark.parametrize("text", ["turbine gearbox", "who knows turbines?", "gearboxes", "TURBINE-GEARBOX"])
def test_each_citation_quotes_the_words_of_the_question_in_some_form(finder: ExpertFinder, text: str) -> None:
    found = cited(finder, text)
    assert set(found) == set(POSTS)
    for one in found.values():
        assert "turbine" in one.snippet.lower() or "gearbox" in one.snippet.lower(), one
        assert len(one.snippet) <= AROUND + 4
    assert "by hand" in found["long"].snippet
    assert "zzquoted" not in found["reply"].snippet


def test_a_title_that_says_nothing_gives_way_to_the_first_words(finder: ExpertFinder) -> None:
    found = cited(finder, "turbine gearbox")
    assert found[HASH].title.startswith("Turbine gearbox: oil the bearing")
    assert found["line"].title.startswith("Turbine gearbox settings are one line")
    assert found["docs/turbine/gearbox.md"].title.startswith("Notes on the turbine")
    assert found["long"].title == "A long tale"


def test_a_commit_is_cited_by_its_hash_and_a_file_by_its_path(finder: ExpertFinder) -> None:
    found = cited(finder, "turbine gearbox")
    assert found[HASH].where == HASH[:10]
    assert found["docs/turbine/gearbox.md"].where == "docs/turbine/gearbox.md"
    assert found["long"].where == "" == where("x:42")


def test_somebody_was_last_seen_with_the_newest_post_near_the_question(finder: ExpertFinder) -> None:
    (first,) = find_quoted(finder, Query(text="turbine gearbox"), SHARED).recommendations
    assert first.last_seen == DAY - timedelta(days=3)


def test_what_may_not_be_read_any_more_is_not_quoted() -> None:
    """Also in the moment in which it is withdrawn and the index does not know yet."""
    with world(facts(), as_of=DAY.date(), network=False) as finder:
        post = finder.store.get("post", ["x:long"])[0]
        finder.store.apply([replace(post, audience=Audience("private", people=("x:nobody",)))])
        assert all(not one.snippet for name, one in cited(finder, "turbine gearbox").items() if name == "long")
        finder.refresh()
        assert "long" not in cited(finder, "turbine gearbox")


@given(st.text(alphabet="ab é", max_size=400), st.integers(0, 400), st.integers(2, 200))
def test_a_piece_of_a_text_is_no_longer_than_wanted_and_stands_in_it(text: str, start: int, length: int) -> None:
    whole = " ".join(text.split())
    piece = _cut(whole, min(start, len(whole)), length)
    inside = piece.removeprefix("… ").removesuffix(" …")
    assert inside in whole
    assert len(inside) <= length
