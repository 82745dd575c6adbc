"""Identity never grants a right: with all records in the organisation, a viewer reads what the viewer's own allows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.leak.crawl import Answers, Doors, crawl, differences, opened, rebuild
from tests.leak.people_worlds import GROUPS, WORDS, People, people_world
from tests.leak.worlds import world
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import ExpertFinderError, NotFound
from expertfinder.identity import merged
from expertfinder.model import ORGANISATION, Person, Query, Viewer
from expertfinder.store import who_is_who

ALL_GROUPS = {group for groups in GROUPS.values() for group in groups}
WORLDS = size("L1 people")


def rights_that_differ(world: People) -> list[str]:
    """What somebody may read that their own record does not allow, or may not read although it does; and whom another
    source renamed or hid. At once after people said what they wish and decided, and after the next build."""
    with opened(world.facts) as finder:
        for person in world.wishes:
            finder.store.hide(person)
        for verdict in world.verdicts:
            finder.store.state(verdict)
        finder.refresh()
        found = _wrong(finder, world)
        rebuild(finder)
        return found + [f"after a build: {wrong}" for wrong in _wrong(finder, world)]


def _wrong(finder: ExpertFinder, world: People) -> list[str]:
    found: list[str] = []
    _, who = who_is_who(finder.store)
    humans: dict[str, list[Person]] = {}
    for record in world.records:
        humans.setdefault(who.identity[record.id], []).append(record)
    for record in world.records:
        viewer, joined = finder.viewer(record.id), humans[who.identity[record.id]]
        allowed = {post.id for post in world.posts if world.may_read(record, post, joined)}
        read = {post.id for post in world.posts if _reads(finder, post.id, record.id)}
        answer = finder.find(Query(text=" ".join(WORDS), limit=20), viewer)
        cited = {c.post for one in answer.recommendations for reason in one.reasons for c in reason.citations}
        found += [f"{record.id} reads {post}" for post in sorted((read | cited) - allowed)]
        found += [f"{record.id} does not read {post}" for post in sorted(allowed - read)]
        if record.source == "hr" and "hr" in world.directories and record.audience == ORGANISATION:
            found += _shown_wrong(finder, record, joined, world)
    return found


def _shown_wrong(finder: ExpertFinder, record: Person, joined: list[Person], world: People) -> list[str]:
    """How a record of the directory is shown to everybody: by a name of a directory, unless they or it say to hide."""
    deciding = [one for one in joined if one.source in world.directories]
    hidden = any(one.hidden for one in deciding) or any(one.id in world.wishes for one in joined)
    try:
        name = finder.person(record.id, Viewer()).name
    except NotFound:
        return [] if hidden else [f"{record.id} was hidden by another source"]
    if hidden:
        return [f"{record.id} is found although hidden"]
    return [] if name in {one.name for one in deciding} else [f"{record.id} was renamed to {name}"]


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


def test_a_name_that_another_source_gives_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(records: list[Person], **known: Any) -> Person:
        return replace(merged(records, **known), name=min(record.name for record in records))

    monkeypatch.setattr("expertfinder.identity.merged", careless)
    assert any("renamed" in wrong for seed in range(60) for wrong in rights_that_differ(people_world(seed)))


# --- a wish is a fact of its own -------------------------------------------------------------------------------------


TAG = re.compile(rb',\["etag","[^]]*"\]')
"""The tag of an answer, which is made of its whole body."""


@pytest.mark.parametrize("seed", range(200, 204))
def test_who_hides_later_leaves_what_they_would_have_left_hidden_from_the_first(seed: int) -> None:
    """Byte for byte after the next build, whatever is imported again, but for the network's version: it also speaks of
    communities that were found before and are no more."""
    drawn = world(seed)
    asked = {drawn.outsider, drawn.insider}
    away = next(fact.id for fact in drawn.facts if isinstance(fact, Person) and fact.id not in asked)
    answers: list[Answers] = []
    for first in (True, False):
        with opened((), build=False) as finder:
            if not first:
                finder.store.apply(drawn.facts)
                rebuild(finder)
            finder.store.hide(away)
            finder.store.apply(drawn.facts)
            rebuild(finder)
            heard = [crawl(Doors.over(finder), finder, drawn, person, count=4) for person in (None, drawn.insider)]
            versions = [some["network version"].strip(b'"') for some in heard]
            answers.append(
                {
                    f"{n}: {what}": TAG.sub(b"", body).replace(versions[n], b"-") if versions[n] in body else body
                    for n, some in enumerate(heard)
                    for what, body in some.items()
                }
            )
    assert not differences(*answers)
