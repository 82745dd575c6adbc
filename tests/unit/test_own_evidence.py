"""The word for one person is that of their own evidence: several pieces, that somebody else dealt with."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.office import INGRESS, LAWYER, LEDGER, LEGAL, QUESTION, act, opened, person, post

from expertfinder.ask.answer import matches
from expertfinder.ask.finder import ExpertFinder
from expertfinder.model import ORGANISATION, SHARED, Confidence, Fact, Query, Recommendation, Source, Viewer
from expertfinder.recommend.experts.reasons import ONE_POST

ADA, BEN = (person(name) for name in ("ada", "ben"))
OTHERS: tuple[Fact, ...] = (
    Source(id="o", audience=ORGANISATION),
    *(person(name) for name in ("cleo", "dan", "eve")),
    person("dana", groups=("o:legal",)),
    *(post(f"c{n}", "cleo", LEDGER, age=7 * n) for n in range(1, 7)),
    *(post(f"d{n}", "dan", LEDGER, age=9 * n) for n in range(1, 4)),
)
TOLD = (
    INGRESS,
    "Chat clients idle for an hour and nothing is sent: kubernetes ingress controller drops such long connections, so "
    "raise the proxy timeout for websockets.",
    "Uploads of video by the media team failed: long connections, which the ingress controller of kubernetes drops. "
    "Raise its proxy timeout and send the film in smaller parts.",
    "The console of the database lost its session each night during the backup; the ingress controller drops long "
    "kubernetes connections there, and with a proxy timeout that we raise the dump ends.",
)
PIECES = tuple(post(f"a{n}", "ada", said, age=7 * n + 3) for n, said in enumerate(TOLD))
TURNED = act("ben", "review", "a0")


def asked(finder: ExpertFinder, viewer: Viewer = SHARED) -> Recommendation:
    """What is said of Ada."""
    return finder.explain(Query(text=QUESTION), "o:ada", viewer)


def word(folder: Path, facts: Iterable[Fact], viewer: Viewer = SHARED) -> Confidence:
    with closing(opened(folder, [*OTHERS, ADA, BEN, *facts])) as finder:
        return asked(finder, viewer).confidence


def test_several_pieces_and_one_act_by_somebody_else_are_a_strong_match(tmp_path: Path) -> None:
    assert word(tmp_path, [*PIECES, TURNED]) is Confidence.HIGH


THREAD = post("root", "eve", "How do we keep the connections open?", age=200, kind="message")
THIN: dict[str, Iterable[Fact]] = {
    "one post": [PIECES[0], TURNED],
    "two posts": [*PIECES[:2], TURNED],
    "posts of one day": [*(replace(one, created_at=PIECES[0].created_at) for one in PIECES), TURNED],
    "posts without a date": [*(replace(one, created_at=None) for one in PIECES), TURNED],
    "one thread": [THREAD, *(replace(one, parent="o:root", kind="message") for one in PIECES), TURNED],
    "one thing again and again": [
        *(post(f"a{n}", "ada", f"{INGRESS} Tip number {n} of the day.", age=30 * n + 3) for n in range(6)),
        TURNED,
    ],
    "nobody else": PIECES,
    "only likes": [*PIECES, *(act(name, "like", "a0") for name in ("ben", "dan", "eve"))],
    "only oneself": [*PIECES, act("ada", "review", "a0"), act("ada", "thank", "a1")],
    "only a machine": [*PIECES, person("bot", kind="machine"), act("bot", "review", "a0")],
    "only somebody who is hidden": [*PIECES, person("hal", hidden=True), act("hal", "review", "a0")],
    "what one does to others": [*PIECES, *(act("ada", "review", f"c{n}") for n in range(1, 5))],
    "an answer to one's question": [
        *PIECES,
        post("ask", "ada", "Who knows the ledger?", kind="question"),
        post("told", "cleo", "I do.", parent="o:ask"),
    ],
}


@pytest.mark.parametrize("why", THIN)
def test_less_is_not(tmp_path: Path, why: str) -> None:
    assert word(tmp_path, THIN[why]) is not Confidence.HIGH


TURNS: dict[str, Iterable[Fact]] = {
    "a review": [TURNED],
    "thanks": [act("ben", "thank", "a2")],
    "a reply": [post("reply", "ben", "That worked.", parent="o:a1", kind="message")],
    "an edit of something else": [post("else", "ada", "The canteen has soup.", age=50), act("ben", "edit", "else")],
}


@pytest.mark.parametrize("how", TURNS)
def test_whoever_deals_with_what_one_wrote_says_so(tmp_path: Path, how: str) -> None:
    assert word(tmp_path, [*PIECES, *TURNS[how]]) is Confidence.HIGH


@pytest.mark.parametrize(("years", "sure"), [(0, True), (1, True), (4, False)])
def test_the_longer_ago_somebody_did_something_the_further_they_must_stand_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, years: int, sure: bool
) -> None:
    ago = [replace(one, created_at=one.created_at - timedelta(days=365 * years)) for one in PIECES if one.created_at]
    facts = [*ago, act("dan", "review", "a0", age=365 * years)]
    assert (word(tmp_path / "new", facts) is Confidence.HIGH) is sure
    monkeypatch.setattr("expertfinder.recommend.experts.scored.LATELY", 0.0)
    assert word(tmp_path / "old", facts) is Confidence.HIGH


def test_where_people_ask_and_answer_nobody_is_sure_for_the_replies_they_got(tmp_path: Path) -> None:
    threads = [post(f"q{n}", "ben", f"{QUESTION} ({n})", age=300 + n, kind="question") for n in range(9)]
    answers = [replace(one, parent=f"o:q{n}") for n, one in enumerate(PIECES)]
    replies = [post(f"r{n}", "dan", "That worked.", parent=f"o:a{n}", kind="comment") for n in range(3)]
    assert word(tmp_path, [*threads, *answers, *replies]) is not Confidence.HIGH
    assert word(tmp_path / "reviewed", [*threads, *answers, *replies, TURNED]) is Confidence.HIGH


@pytest.mark.parametrize(
    "facts",
    [
        [replace(TURNED, audience=LEGAL)],
        [post("reply", "ben", "That worked.", parent="o:a1", kind="message", audience=LEGAL)],
        [person("lu", audience=LEGAL), act("lu", "review", "a0")],
    ],
    ids=["act", "reply", "actor"],
)
def test_what_somebody_may_not_read_makes_nobody_sure(tmp_path: Path, facts: list[Fact]) -> None:
    with closing(opened(tmp_path, [*OTHERS, ADA, BEN, *PIECES, *facts])) as finder:
        assert asked(finder).confidence is not Confidence.HIGH
        assert asked(finder, LAWYER).confidence is Confidence.HIGH


def test_it_comes_and_goes_at_once(tmp_path: Path) -> None:
    """Without another build: the act, then its author hidden, then seen again and the act tightened."""
    with closing(opened(tmp_path, [*OTHERS, ADA, BEN, *PIECES])) as finder:
        steps: list[tuple[Fact, bool]] = [
            (TURNED, True),
            (replace(BEN, hidden=True), False),
            (BEN, True),
            (replace(TURNED, audience=LEGAL), False),
            (post("reply", "dan", "That worked.", parent="o:a1", kind="message"), True),
        ]
        for fact, sure in steps:
            finder.store.apply([fact])
            finder.refresh()
            assert (asked(finder).confidence is Confidence.HIGH) is sure, fact
        finder.store.delete("post", ["o:reply"])
        finder.refresh()
        assert asked(finder).confidence is not Confidence.HIGH


def test_whom_one_post_speaks_for_is_said_to_rest_on_it(tmp_path: Path) -> None:
    one = [post("b", "ben", f"{INGRESS} It was the load balancer that gave up first.", age=20)]
    with closing(opened(tmp_path, [*OTHERS, ADA, BEN, *PIECES, act("dan", "review", "a0"), *one])) as finder:
        found = finder.find(Query(text=QUESTION), SHARED)
        caveats = {each.subject: each.caveat for each in found.recommendations}
    assert caveats["o:ben"] == ONE_POST
    assert caveats["o:ada"] == ""


def test_the_list_ends_where_the_evidence_does(tmp_path: Path) -> None:
    """Dan has a word of the question in what he wrote, and nothing near it."""
    far = [post(f"t{n}", "eve", f"{LEDGER} The timeout of invoice {n} is a month.", age=40 * n) for n in range(1, 3)]
    with closing(opened(tmp_path, [*OTHERS, ADA, BEN, *PIECES, TURNED, *far])) as finder:
        found = finder.find(Query(text=QUESTION), SHARED)
    assert found.recommendations[0].subject == "o:ada"
    assert not {"o:cleo", "o:dan"} & {one.subject for one in found.recommendations}
    clear = sum(one.confidence is not Confidence.LOW for one in found.recommendations)
    assert found.clear == clear == 1
    assert matches(found.clear, len(found.recommendations)).startswith("1 clear match")
