"""L1, L2, L7 with the index in a Neo4j server; and leaks planted there on purpose are caught. L3: `test_canary.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.leak.crawl import opened_in, questions
from tests.leak.noninterference import Rig, in_parts, survey
from tests.leak.worlds import world
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.posts.bm25 import Statistics
from expertfinder.index.posts.segment import joined
from expertfinder.index.posts.tiers import Tier
from expertfinder.index.server import publishing
from expertfinder.index.server.index import ServerIndex
from expertfinder.index.snapshot import Snapshot, open_snapshot
from expertfinder.model import Audience, Post, Query, Viewer

if TYPE_CHECKING:
    from scripts.neo4j.server import Server

pytestmark = pytest.mark.needs_neo4j
WORLDS = size("L1 server")
"""Each is published four times and crawled."""
PLANTED = 12
"""Worlds within which every planted leak must have shown."""


@pytest.fixture
def rig(neo4j_server: Server) -> Rig:
    return Rig(partial(opened_in, neo4j_server))


@in_parts(WORLDS, 5)
def test_no_answer_differs_from_a_world_without_the_secrets(rig: Rig, part: int, examples: int) -> None:
    survey(rig.compare, part=part, examples=examples)
    assert rig.survey.worlds >= examples
    assert rig.survey.insider_differs >= 0.4 * rig.survey.worlds, "worlds with nothing to leak would prove nothing"


@in_parts(WORLDS, 5)
def test_secrets_that_were_open_for_a_moment_leave_nothing_behind(rig: Rig, part: int, examples: int) -> None:
    survey(rig.compare_tightened, part=part, examples=examples)
    assert rig.survey.worlds >= examples


def _cited(finder: ExpertFinder, query: Query, viewer: Viewer) -> set[str]:
    found = finder.find(query, viewer).recommendations
    return {cited.post for one in found for reason in one.reasons for cited in reason.citations}


@pytest.mark.parametrize("seed", range(WORLDS))
def test_a_post_that_is_tightened_is_in_no_answer_of_who_is_left_out(neo4j_server: Server, seed: int) -> None:
    drawn = world(seed)
    with opened_in(neo4j_server, drawn.facts) as finder:
        viewer = finder.viewer(drawn.outsider)
        cited = sorted({post for query in questions(drawn) for post in _cited(finder, query, viewer)})
        assert cited or seed, "a world whose answers cite nothing proves nothing"
        me = viewer.person or ""
        group = next(iter(sorted(viewer.groups)), "a:none")
        nobodys = (
            Audience("groups", groups=("a:others",)),
            Audience("an audience of tomorrow"),
            Audience("groups", groups=(group,), deny=(me,)),
        )
        changed = {name: nobodys[place % 3] for place, name in enumerate(cited)}
        posts: list[Post] = finder.store.get("post", cited)
        finder.store.apply([replace(post, audience=changed[post.id]) for post in posts])
        finder.refresh()
        for query in questions(drawn):
            assert not _cited(finder, query, viewer) & changed.keys()


# --- leaks planted on purpose: the check must find each --------------------------------------------------------------


def _caught(rig: Rig) -> list[str]:
    """The differences in the first world that shows any."""
    for seed in range(PLANTED):
        found = rig.compare(world(seed))
        if found:
            return found
    return []


def _publishing(monkeypatch: pytest.MonkeyPatch, change: Callable[[Snapshot], Snapshot]) -> None:
    """Every snapshot is changed before it is published."""

    def opened_wrong(folder: Path, *, encode: Encoder) -> Snapshot:
        return change(open_snapshot(folder, encode=encode))

    monkeypatch.setattr(publishing, "open_snapshot", opened_wrong)


def test_restricted_posts_under_the_label_of_shared_ones_are_caught(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def all_shared(snapshot: Snapshot) -> Snapshot:
        every = joined(snapshot.tiers.segments[:2])
        return replace(snapshot, shared=Tier.of(every), restricted=Tier.of(every.take([])))

    _publishing(monkeypatch, all_shared)
    assert _caught(rig)


def test_statistics_of_words_over_all_posts_are_caught(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_all(snapshot: Snapshot) -> Snapshot:
        known = snapshot.statistics
        extra = np.bincount(snapshot.restricted.segment.terms, minlength=len(snapshot.terms))
        wrong = Statistics(known.posts + len(snapshot.restricted), known.frequency + extra, known.total_length)
        return replace(snapshot, statistics=wrong)

    _publishing(monkeypatch, of_all)
    assert any(found.startswith("find") for found in _caught(rig))


def test_an_engine_that_does_not_trim_is_caught(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = ServerIndex._narrowed

    def untrimmed(self: ServerIndex, view: View, query: Query, **more: object) -> tuple[View, Query]:
        return ask(self, replace(view, audiences=np.ones_like(view.audiences)), query, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ServerIndex, "_narrowed", untrimmed)
    assert any(found.startswith("find") for found in _caught(rig))
