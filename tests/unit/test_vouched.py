"""What somebody did whom nobody ever turned to counts by their days; one act by somebody else counts it in full."""

from __future__ import annotations

import random
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.unit.office import INGRESS, LAWYER, LEDGER, LEGAL, MERGER, NOON, QUESTION, act, opened, person, post

from expertfinder.model import ORGANISATION, SHARED, Fact, Interaction, Post, Query, Source, Viewer
from expertfinder.recommend.experts.basis import Basis
from expertfinder.recommend.experts.experts import score_experts
from expertfinder.recommend.experts.vouched import ACTS_ALONE, FLOOD, HISTORY

OFFICE: tuple[Fact, ...] = (
    Source(id="o", audience=ORGANISATION),
    *(person(name) for name in ("ada", "cleo", "fresh")),
    person("dana", groups=("o:legal",)),
    *(post(f"a{n}", "ada", INGRESS, age=10 * n) for n in range(1, 5)),
    *(post(f"c{n}", "cleo", LEDGER, age=7 * n) for n in range(1, 5)),
    act("cleo", "review", "a1"),
)
OWN = f"{INGRESS} So it was with the gateway of our mail."
"""In other words than what ada wrote."""
TRICKS: dict[str, Iterable[Fact]] = {
    "one phrase again and again": [post("f", "fresh", f"{QUESTION} " * 15)],
    "five posts of one day": [post(f"f{n}", "fresh", f"{INGRESS} Part {n}.") for n in range(5)],
    "approvals": [act("fresh", "approve", f"a{n}") for n in range(1, 5)],
    "copies in other words": [post(f"f{n}", "fresh", OWN, age=4) for n in range(5)],
}


def share(folder: Path, facts: Iterable[Fact], viewer: Viewer = SHARED, query: Query | None = None) -> float:
    """How much what the fresh account did counts."""
    with closing(opened(folder, [*OFFICE, *facts])) as finder:
        seen, asked, encode = finder.asked(query or Query(text=QUESTION), viewer)
        return float(Basis.of(seen, asked, encode).vouched.counts[seen.snapshot.person_rows["o:fresh"]])


@pytest.mark.parametrize("trick", TRICKS)
def test_a_fresh_account_counts_a_quarter_and_is_not_first(tmp_path: Path, trick: str) -> None:
    wrote = ACTS_ALONE if trick == "approvals" else 1.0
    assert share(tmp_path / "share", TRICKS[trick]) == wrote / HISTORY
    with closing(opened(tmp_path / "found", [*OFFICE, *TRICKS[trick]])) as finder:
        assert finder.find(Query(text=QUESTION), SHARED).recommendations[0].subject == "o:ada"


@pytest.mark.parametrize("days", range(1, 7))
def test_days_of_ones_own_count(tmp_path: Path, days: int) -> None:
    own = [post(f"f{n}", "fresh", OWN, age=5 * n + 2, kind="commit") for n in range(days)]
    assert share(tmp_path, own) == min(days / HISTORY, 1.0)


@pytest.mark.parametrize("dated", [0, 4, 5, 10])
def test_days_tell_nothing_where_most_of_what_was_done_has_none(tmp_path: Path, dated: int) -> None:
    did = [fact for fact in (*OFFICE, post("f", "fresh", OWN)) if isinstance(fact, Post | Interaction)]
    undated = [replace(fact, created_at=None) for fact in did[: len(did) - dated]]
    assert share(tmp_path, [*did, *undated]) == (1 / HISTORY if 2 * dated >= len(did) else 1.0)


def test_what_a_filter_leaves_out_does_not_tell_whether_days_count(tmp_path: Path) -> None:
    undated = [
        replace(post(f"d{n}", "cleo", f"{INGRESS} Page {n}.", kind="document"), created_at=None) for n in range(12)
    ]
    facts = [*undated, post("f", "fresh", OWN)]
    assert share(tmp_path / "all", facts) == 1.0
    assert share(tmp_path / "some", facts, query=Query(text=QUESTION, kinds=("answer",))) == 1 / HISTORY


@pytest.mark.parametrize("dated", [True, False])
def test_posts_of_one_day_are_one_piece_and_posts_without_days_several(tmp_path: Path, dated: bool) -> None:
    said = (
        "Raise the proxy timeout.",
        "The ingress controller drops long connections.",
        "Why kubernetes wants a longer timeout.",
    )
    own: list[Fact] = [post(f"f{n}", "fresh", text) for n, text in enumerate(said)]
    facts = [*OFFICE[:5], *(own if dated else [replace(fact, created_at=None) for fact in own])]
    with closing(opened(tmp_path, facts)) as finder:
        seen, asked, encode = finder.asked(Query(text=QUESTION), SHARED)
        assert score_experts(seen, asked, encode).pieces(seen.snapshot.person_rows["o:fresh"]) == (1 if dated else 3)


@pytest.mark.parametrize("days", [1, 3, 6])
def test_days_of_anything_count_as_far_as_viewer_and_filters_leave_them(tmp_path: Path, days: int) -> None:
    dates = [NOON - timedelta(days=5 * n + 2) for n in range(days)]
    told: list[Fact] = [post(f"k{n}", "fresh", MERGER, age=5 * n + 2, kind="document") for n in range(days)]
    told += [post(f"l{n}", "fresh", MERGER, age=5 * n + 3, audience=LEGAL, kind="document") for n in range(days)]
    told += [post("f", "fresh", OWN), act("fresh", "approve", "a1")]
    with closing(opened(tmp_path, [*OFFICE, *told])) as finder:

        def of(viewer: Viewer = SHARED, **filters: object) -> int:
            seen, asked, encode = finder.asked(Query(text=QUESTION, **filters), viewer)  # type: ignore[arg-type]
            row = np.array([seen.snapshot.person_rows["o:fresh"]])
            return int(Basis.of(seen, asked, encode).vouched.days_of(row, enough=100)[0])

        assert (of(), of(LAWYER)) == (days + 2, 2 * days + 2)
        assert of(kinds=("document",)) == days
        assert of(LAWYER, kinds=("document",)) == 2 * days
        assert of(exclude_posts=frozenset({"o:k0", "o:a1"})) == days
        assert of(kinds=("document",), since=dates[0]) == 1


@pytest.mark.parametrize("seed", range(2))
def test_acts_kept_by_person_are_those_that_a_look_at_all_finds(tmp_path: Path, seed: int) -> None:
    draw, names, found = random.Random(seed), ("ada", "cleo", "fresh", "dana"), 0
    audiences, facts = (ORGANISATION, LEGAL), list[Fact](OFFICE)
    for number in range(60):
        kind, audience = draw.choice(("answer", "document")), draw.choice(audiences)
        by = draw.choice((*names, "fresh"))
        facts.append(post(f"d{number}", by, draw.choice((INGRESS, MERGER)), age=draw.randrange(40), kind=kind))
        facts[-1] = replace(facts[-1], audience=audience)
    facts += [act(draw.choice(names), "review", f"d{n}", age=draw.randrange(40)) for n in range(0, 60, 2)]
    with closing(opened(tmp_path, facts)) as finder:
        finder.store.apply([post("e", "fresh", MERGER, age=3, audience=LEGAL), post("e2", "newest", INGRESS, age=2)])
        finder.store.apply([person("newest")])
        finder.store.delete("post", ["o:d1", "o:d2"])
        finder.refresh()
        assert not finder.snapshot.shared.alive.all() or not finder.snapshot.restricted.alive.all()
        for viewer in (SHARED, LAWYER):
            for filters in ({}, {"kinds": ("document",)}, {"since": NOON - timedelta(days=20)}):
                seen, asked, encode = finder.asked(Query(text=QUESTION, **filters), viewer)  # type: ignore[arg-type]
                people = np.array(draw.sample(range(len(seen.people)), draw.randint(1, len(seen.people))), np.int64)
                looked = []
                for segment, may in seen.readable:
                    here = np.isin(segment.act_posts(), seen.kept(segment, may, asked))
                    looked.append(np.flatnonzero(here & np.isin(segment.act_person, people)))
                    looked[-1] = looked[-1][seen.counting(segment, looked[-1], asked)].tolist()
                assert [acts.tolist() for _, acts in seen.acts_of(people, asked)] == looked
                found += sum(map(len, looked))
                vouched = Basis.of(seen, asked, encode).vouched
                every, some = (vouched.days_of(people, enough=enough) for enough in (1000, 3))
                assert np.minimum(some, 3).tolist() == np.minimum(every, 3).tolist()
        assert found


@pytest.mark.parametrize("tips", [4, 8, 13])
def test_who_says_the_same_again_and_again_counts_by_what_is_said_differently(tmp_path: Path, tips: int) -> None:
    kind = {"kind": "status"}
    flood: list[Fact] = [post(f"f{n}", "fresh", f"{INGRESS} Tip {n}.", age=50 * n + 2, **kind) for n in range(tips)]
    others: list[Fact] = [
        post("s", "cleo", f"{INGRESS} Seen by cleo.", **kind),
        act("ada", "review", "s"),
        act("ada", "review", "f0"),
    ]
    assert share(tmp_path / "flood", [*flood, *others]) == min(1.0, 2 * 2 / tips)
    dealt = [act("cleo", "review", f"f{n}") for n in range(tips)]
    assert share(tmp_path / "dealt", [*flood, *others, *dealt]) == 1.0
    assert share(tmp_path / "usual", [*flood, others[0], others[2]]) == 1.0


def test_one_act_by_somebody_else_counts_it_in_full_for_those_who_may_read_it(tmp_path: Path) -> None:
    turned = act("cleo", "review", "f")
    told: list[Fact] = [post("f", "fresh", OWN), turned]
    assert share(tmp_path / "open", told) == 1.0
    told[1] = replace(turned, audience=LEGAL)
    assert share(tmp_path / "closed", told) == 1 / HISTORY
    assert share(tmp_path / "lawyer", told, LAWYER) == 1.0


@pytest.mark.parametrize("alarms", [FLOOD - 1, FLOOD, 2 * FLOOD])
def test_a_flood_counts_once_even_where_nobody_deals_with_anything(tmp_path: Path, alarms: int) -> None:
    flood = [post(f"f{n}", "fresh", f"{INGRESS} Node {n}.", age=50 * n + 2, kind="message") for n in range(alarms)]
    with closing(opened(tmp_path, [*OFFICE[:-1], *flood])) as finder:
        seen, asked, encode = finder.asked(Query(text=QUESTION), SHARED)
        counts = Basis.of(seen, asked, encode).vouched.counts
    said = dict(zip(seen.snapshot.person_rows, counts.tolist(), strict=True))
    assert said["o:fresh"] == (1.0 if alarms < FLOOD else 2 / alarms)
    assert said["o:ada"] == 1.0


def test_replies_that_share_the_words_of_one_question_are_no_flood(tmp_path: Path) -> None:
    asked = post("q", "cleo", INGRESS, age=900, kind="question")
    own = [post(f"f{n}", "fresh", OWN, age=50 * n + 2, kind="message", parent="o:q") for n in range(FLOOD + 2)]
    with closing(opened(tmp_path, [*OFFICE[:-1], asked, *own])) as finder:
        seen, asked_for, encode = finder.asked(Query(text=QUESTION), SHARED)
        counts = Basis.of(seen, asked_for, encode).vouched.counts
    assert counts[seen.snapshot.person_rows["o:fresh"]] == 1.0


def test_where_nobody_ever_acts_on_what_others_wrote_everybody_counts_in_full(tmp_path: Path) -> None:
    with closing(opened(tmp_path, [*OFFICE[:-1], post("f", "fresh", OWN)])) as finder:
        seen, asked, encode = finder.asked(Query(text=QUESTION), SHARED)
        assert Basis.of(seen, asked, encode).vouched.counts.tolist() == [1.0] * 4


def test_a_question_of_an_earlier_day_knows_nothing_of_what_came_later(tmp_path: Path) -> None:
    facts = [post("f", "fresh", OWN)]
    with closing(opened(tmp_path, [*OFFICE, *facts])) as finder:
        until = finder.store.get("post", ["o:a1"])[0].created_at
    assert share(tmp_path / "then", facts, query=Query(text=QUESTION, until=until)) == 1.0
