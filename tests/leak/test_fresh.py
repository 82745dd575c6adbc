"""What comes, changes or goes while the service runs: found, tightened, hidden or gone at the next look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.leak.crawl import Doors, hear, opened, rebuild
from tests.leak.worlds import LAST, WORDS

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import NotFound
from expertfinder.model import NOBODY, ORGANISATION, SHARED, Audience, Fact, Interaction, Person, Post, Query, Ranking

RED = Audience("groups", groups=("a:red",))


def person(record: str, **more: object) -> Person:
    """Somebody whom everybody may find, unless `more` says otherwise."""
    fields = {"name": record.title(), "audience": ORGANISATION, **more}
    return Person(id=f"a:{record}", source="a", **fields)  # type: ignore[arg-type]


def post(name: str, author: str, text: str, **more: object) -> Post:
    """A post that everybody may read, unless `more` says otherwise."""
    fields = {"title": text, "text": text, "created_at": LAST, "audience": ORGANISATION, **more}
    return Post(id=f"a:{name}", source="a", authors=(f"a:{author}",), **fields)  # type: ignore[arg-type]


PEOPLE = (person("ada"), person("ben"), person("cleo", groups=("a:red",)))
POSTS = (
    *(post(f"k{i}", "ada", f"kubernetes proxy {WORDS[i + 8]}", created_at=LAST - timedelta(days=i)) for i in range(6)),
    *(post(f"l{i}", "ben", f"ledger invoice {WORDS[i + 8]}", created_at=LAST - timedelta(days=i)) for i in range(6)),
    post("question", "cleo", "halyard splicing", kind="question"),
    post("reply", "ben", "take the short end", title="", parent="a:question"),
    post(
        "thanks",
        "ada",
        "tarred marline around both ends, cured three nights beside a stove, held every gale of autumn",
        title="",
        parent="a:reply",
    ),
)
FACTS: tuple[Fact, ...] = (*PEOPLE, *POSTS)


@pytest.fixture
def running() -> Iterator[ExpertFinder]:
    """A finder that somebody writes to."""
    with opened(FACTS) as finder:
        yield finder


def put(finder: ExpertFinder, *facts: Fact) -> None:
    """Write, and let the finder look."""
    finder.store.apply(facts)
    finder.refresh()


def cited(ranking: Ranking) -> set[str]:
    """The posts behind an answer."""
    return {c.post for one in ranking.recommendations for reason in one.reasons for c in reason.citations}


def subjects(ranking: Ranking) -> list[str]:
    """Who is recommended, best first."""
    return [one.subject for one in ranking.recommendations]


def from_posts(ranking: Ranking) -> dict[str, list[object]]:
    """By person, what does not wait for the next build: the acts on posts that stand behind an answer, exactly."""
    return {
        one.subject: [
            (reason.part, c.post, c.title, c.act, c.at)
            for reason in one.reasons
            if reason.part != "profile"
            for c in sorted(reason.citations, key=lambda c: c.post)
        ]
        for one in ranking.recommendations
    }


def test_a_post_that_was_put_is_found(running: ExpertFinder) -> None:
    put(running, post("new", "ben", "turbine zanzibar"))
    found = running.find(Query(text="zanzibar"), SHARED)
    assert subjects(found)[0] == "a:ben"
    assert "a:new" in cited(found)
    assert running.post("a:new", SHARED).title == "turbine zanzibar"


def test_a_person_who_came_is_found_by_what_came(running: ExpertFinder) -> None:
    put(running, person("eve"), post("new", "eve", "turbine zanzibar"))
    assert subjects(running.find(Query(text="zanzibar"), SHARED))[0] == "a:eve"
    assert running.explain(Query(text="zanzibar"), "a:eve", SHARED).score > 0


def test_a_restricted_post_that_was_put_is_found_by_its_readers_alone(running: ExpertFinder) -> None:
    before = running.version(SHARED)
    put(running, post("new", "ben", "turbine zanzibar", audience=RED))
    assert "a:new" in cited(running.find(Query(text="zanzibar"), running.viewer("a:cleo")))
    assert "a:new" not in cited(running.find(Query(text="zanzibar"), SHARED))
    assert running.version(SHARED) == before


def test_a_hidden_person_is_gone_at_the_next_look(running: ExpertFinder) -> None:
    doors = Doors.over(running)
    running.store.hide("a:ada")
    running.refresh()
    for text in ("kubernetes proxy", "halyard", "ledger"):
        assert "a:ada" not in subjects(running.find(Query(text=text, limit=100), SHARED))
    for work in (
        lambda: running.person("a:ada", SHARED),
        lambda: running.expertise("a:ada", SHARED),
        lambda: running.explain(Query(text="kubernetes"), "a:ada", SHARED),
    ):
        with pytest.raises(NotFound):
            work()
    assert running.people(SHARED, ids=["a:ada"]) == []
    assert running.post("a:k1", SHARED).authors == ()
    paths = [f"/v1/people/a:ada{suffix}" for suffix in ("", "/expertise", "/explanation?q=kubernetes")]
    for one in hear(doors.earnest, [("GET", path, {}) for path in paths], None):
        assert one.status == 404
    for one in hear(doors.demo, [("GET", "/", {"params": {"q": "kubernetes"}}), ("GET", "/posts/a:k1", {})], None):
        assert b"Ada" not in one.body
    running.store.hide("a:ada", hidden=False)
    running.refresh()
    assert subjects(running.find(Query(text="kubernetes proxy"), SHARED))[0] == "a:ada"


def test_a_person_whose_record_was_tightened_is_gone_for_others(running: ExpertFinder) -> None:
    put(running, person("ada", audience=RED))
    assert "a:ada" not in subjects(running.find(Query(text="kubernetes proxy"), SHARED))
    with pytest.raises(NotFound):
        running.person("a:ada", SHARED)
    assert subjects(running.find(Query(text="kubernetes proxy"), running.viewer("a:cleo")))[0] == "a:ada"


def test_a_record_that_was_tightened_takes_its_fields_out_of_the_merged_person() -> None:
    key = ("email:ada@acme.example",)
    first, second = person("ada", accounts=key), person("zz-ada", name="", bio="knows the osprey plan", accounts=key)
    with opened([first, second, post("k", "ada", "kubernetes")]) as finder:
        assert finder.person("a:ada", SHARED).bio
        put(finder, replace(second, audience=RED))
        assert not finder.person("a:ada", SHARED).bio


def test_a_post_that_was_taken_back_is_gone(running: ExpertFinder) -> None:
    running.store.delete("post", ["a:k0", "a:k1"])
    running.refresh()
    assert not {"a:k0", "a:k1"} & cited(running.find(Query(text="kubernetes proxy"), SHARED))
    with pytest.raises(NotFound):
        running.post("a:k0", SHARED)


@pytest.mark.parametrize("audience", [RED, NOBODY, Audience("private", people=("a:cleo",))])
def test_a_tightened_question_takes_its_words_out_of_the_replies(running: ExpertFinder, audience: Audience) -> None:
    assert {"a:question", "a:reply", "a:thanks"} <= cited(running.find(Query(text="halyard splicing"), SHARED))
    put(running, replace(next(p for p in POSTS if p.id == "a:question"), audience=audience))
    found = running.find(Query(text="halyard splicing"), SHARED)
    assert "a:question" not in cited(found)
    titles = {c.title for one in found.recommendations for reason in one.reasons for c in reason.citations}
    assert not any("halyard" in title for title in titles)
    words = [reason for one in found.recommendations for reason in one.reasons if reason.part.startswith("words")]
    assert not words


def test_a_reply_between_that_was_tightened_cuts_the_thread(running: ExpertFinder) -> None:
    put(running, replace(next(p for p in POSTS if p.id == "a:reply"), audience=NOBODY))
    assert "a:thanks" not in {
        c.post
        for one in running.find(Query(text="halyard"), SHARED).recommendations
        for reason in one.reasons
        if reason.part.startswith("words")
        for c in reason.citations
    }


def test_a_question_that_comes_after_its_reply_lends_it_its_words() -> None:
    with opened([*PEOPLE, *(p for p in POSTS if p.id != "a:question")]) as finder:
        put(finder, next(p for p in POSTS if p.id == "a:question"))
        assert "a:reply" in cited(finder.find(Query(text="halyard splicing"), SHARED))


def test_a_word_that_nobody_may_read_any_more_finds_nobody(running: ExpertFinder) -> None:
    put(running, replace(next(p for p in POSTS if p.id == "a:question"), audience=NOBODY))
    why = running.explain(Query(text="halyard splicing"), "a:cleo", SHARED)
    assert not [reason.text for reason in why.reasons if reason.part == "profile"]


def test_an_act_that_was_put_counts(running: ExpertFinder) -> None:
    act = Interaction(id="a:r", source="a", actor="a:ben", verb="review", object="a:k1", audience=ORGANISATION)
    put(running, act)
    assert "a:k1" in {
        c.post for r in running.explain(Query(text="kubernetes"), "a:ben", SHARED).reasons for c in r.citations
    }
    put(running, replace(act, audience=RED))
    without = running.explain(Query(text="kubernetes"), "a:ben", SHARED)
    assert "a:k1" not in {c.post for r in without.reasons for c in r.citations}


def test_a_record_with_a_known_key_is_the_same_person(running: ExpertFinder) -> None:
    key = ("email:ada@acme.example",)
    put(running, person("ada", accounts=key), Person(id="b:x", source="b", accounts=key, audience=ORGANISATION))
    assert running.person("b:x", SHARED).id == "a:ada"
    put(running, post("new", "ben", "turbine zanzibar"), replace(post("mine", "ada", "osprey valve"), authors=("b:x",)))
    assert subjects(running.find(Query(text="osprey valve"), SHARED))[0] == "a:ada"


def test_acts_on_posts_are_those_of_the_next_build(running: ExpertFinder) -> None:
    put(
        running,
        post("new", "ben", "kubernetes valve proxy"),
        post("k2", "ada", "kubernetes alloy"),
        Interaction(id="a:r", source="a", actor="a:ben", verb="accept", object="a:k3", audience=ORGANISATION),
    )
    running.store.delete("post", ["a:k4"])
    running.refresh()
    asked = [Query(text=text, limit=100) for text in ("kubernetes proxy", "ledger valve", "halyard")]
    fresh = [from_posts(running.find(query, SHARED)) for query in asked]
    versions = [running.version(running.viewer(who)) for who in (None, "a:ada", "a:cleo")]
    rebuild(running)
    built = [from_posts(running.find(query, SHARED)) for query in asked]
    for one, other in zip(fresh, built, strict=True):
        for who in one.keys() & other.keys():
            assert one[who] == other[who]
    assert versions == [running.version(running.viewer(who)) for who in (None, "a:ada", "a:cleo")]
