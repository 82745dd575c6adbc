"""Identity never grants a right: with all records in the organisation, a viewer reads what the viewer's own allows."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.leak.crawl import opened
from tests.leak.people_worlds import GROUPS, WORDS, People, people_world

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import ExpertFinderError
from expertfinder.model import Query, Viewer

ALL_GROUPS = {group for groups in GROUPS.values() for group in groups}
WORLDS = int(60 * float(os.environ.get("LEAK_SIZE", "1")))


def rights_that_differ(world: People) -> list[str]:
    """What somebody may read that their own record does not allow, or may not read although it does."""
    found: list[str] = []
    with opened(world.facts) as finder:
        rows = finder.snapshot.person_rows
        for record in world.records:
            viewer = finder.viewer(record.id)
            joined = [one for one in world.records if rows[one.id] == rows[record.id]]
            allowed = {post.id for post in world.posts if world.may_read(record, post, joined)}
            read = {post.id for post in world.posts if _reads(finder, post.id, record.id)}
            answer = finder.find(Query(text=" ".join(WORDS), limit=20), viewer)
            cited = {c.post for one in answer.recommendations for reason in one.reasons for c in reason.citations}
            found += [f"{record.id} reads {post}" for post in sorted((read | cited) - allowed)]
            found += [f"{record.id} does not read {post}" for post in sorted(allowed - read)]
    return found


def _reads(finder: ExpertFinder, post: str, person: str) -> bool:
    try:
        finder.post(post, finder.viewer(person))
    except ExpertFinderError:
        return False
    return True


def test_no_join_of_records_grants_or_takes_a_right() -> None:
    for seed in range(WORLDS):
        world = people_world(seed)
        found = rights_that_differ(world)
        assert not found, f"{world.name} (directories: {world.directories}): {found[:5]}"


# --- rights planted on purpose: the check must find each -------------------------------------------------------------


def _with_all_groups(viewer: Viewer) -> Viewer:
    return replace(viewer, groups=viewer.groups | {name for name in viewer.denied_as if name in ALL_GROUPS})


def _as_another(viewer: Viewer) -> Viewer:
    others = sorted(name for name in viewer.denied_as if name not in ALL_GROUPS)
    return replace(viewer, person=others[0]) if others else viewer


def _denied_as_itself_alone(viewer: Viewer) -> Viewer:
    return replace(viewer, denied_as=frozenset())


@pytest.mark.parametrize("wrong", [_with_all_groups, _as_another, _denied_as_itself_alone])
def test_a_right_that_follows_a_join_is_caught(
    monkeypatch: pytest.MonkeyPatch, wrong: Callable[[Viewer], Viewer]
) -> None:
    own = ExpertFinder.viewer
    monkeypatch.setattr(ExpertFinder, "viewer", lambda self, person: wrong(own(self, person)))
    assert any(rights_that_differ(people_world(seed)) for seed in range(12))
