"""L1, L2, L5, L6: what a viewer may not read changes no byte of any answer; and leaks planted on purpose are caught."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.leak.crawl import Doors, crawl_http, differences, network_of, opened, questions, reading_paths, requests_of
from tests.leak.noninterference import HTTP_EVERY, Rig, in_parts, survey
from tests.leak.worlds import World, large_world, world, worlds
from tests.sizes import size

from expertfinder.ask import network as networking_module
from expertfinder.ask import suggest as suggest_module
from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.organisation.endorsing import Endorsing
from expertfinder.configuration.vocabulary import Vocabulary
from expertfinder.index import candidates as candidates_module
from expertfinder.index import facts as facts_module
from expertfinder.index import folder as folder_module
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.network import view as network_view_module
from expertfinder.index.network.view import NetworkView, network_view
from expertfinder.index.people.directory import Directory
from expertfinder.index.posts import near_copies, said_before
from expertfinder.index.posts import segment as segment_module
from expertfinder.index.posts.bm25 import Statistics
from expertfinder.index.posts.tiers import Tier
from expertfinder.index.snapshot import Snapshot, open_snapshot
from expertfinder.model import SHARED, Evidence, Interaction, Person, Post, Viewer
from expertfinder.recommend.network.meet import nearness
from expertfinder.store import PostState

WORLDS, TIGHTENED = size("L1"), size("L2")
"""`scripts/leak.py` runs the same checks over larger worlds, as long as one likes."""
PLANTED = 30
"""Worlds within which every planted leak must have shown."""


@pytest.fixture(scope="module")
def rig() -> Rig:
    """The two doors and the tally, shared by the module."""
    return Rig()


# --- L1, L2 ----------------------------------------------------------------------------------------------------------


@in_parts(WORLDS)
def test_no_answer_differs_from_a_world_without_the_secrets(part: int, examples: int) -> None:
    rig = Rig(http_every=HTTP_EVERY)
    survey(rig.compare, part=part, examples=examples)
    seen = rig.survey
    assert seen.worlds >= examples
    # Vacuity: worlds in which there is nothing to leak would prove nothing.
    assert seen.insider_differs >= 0.5 * seen.worlds, f"only {seen.insider_differs} of {seen.worlds} hold a secret"


@in_parts(TIGHTENED)
def test_secrets_that_were_open_for_a_moment_leave_nothing_behind(part: int, examples: int) -> None:
    tightened = Rig(http_every=HTTP_EVERY)
    survey(tightened.compare_tightened, part=part, examples=examples)
    assert tightened.survey.worlds >= examples


def test_who_asked_and_may_not_be_found_by_everybody_is_in_no_figure(rig: Rig) -> None:
    found = rig.compare(world(4236, people=6, posts=16, acts=0))
    assert not found, found[0]


def test_an_act_for_some_on_a_post_for_others_is_held_of_nobody(rig: Rig) -> None:
    found = rig.compare(world(158, people=7, posts=8, acts=11))
    assert not found, found[0]


@pytest.mark.parametrize("seed", range(size("L1 large")))
def test_no_answer_differs_in_a_world_with_communities(rig: Rig, seed: int) -> None:
    drawn = large_world(seed)
    with opened(drawn.without) as finder:
        found = [one for one, _ in network_of(finder).all_communities(SHARED) if one.kind == "detected"]
        assert len(found) >= 3, "a world without communities proves nothing about them"
    differing = rig.compare(drawn)
    assert not differing, f"{drawn.name} as {drawn.outsider}: {len(differing)} answers differ, one:\n{differing[0]}"


@pytest.mark.parametrize("seed", range(size("L2 large")))
def test_secrets_that_were_open_for_a_moment_leave_nothing_behind_in_a_large_world(seed: int) -> None:
    differing = Rig().compare_tightened(large_world(seed))
    assert not differing, differing[0]


def test_the_crawl_leaves_out_no_reading_route(rig: Rig) -> None:
    with opened(world(0).facts) as finder:
        doors = Doors.over(finder)
    known = set(requests_of(world(0)))
    assert reading_paths(doors.earnest) <= known, "add the new route to tests/leak/crawl.py"


def test_every_id_is_crawled_over_http_in_some_worlds() -> None:
    rig = Rig()
    found = [difference for seed in (3, 4) for difference in rig.compare(world(seed), count=None)]
    assert not found, found[0]


# --- L5, L6 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(100, 100 + size("L5")))
def test_topics_are_the_same_for_every_viewer(seed: int) -> None:
    drawn = world(seed)
    with opened(drawn.facts) as finder:
        for prefix in ("", "p", "i", "qu"):
            everybodys = finder.topics(SHARED, prefix=prefix, limit=100)
            for viewer in (finder.viewer(drawn.insider), finder.viewer(drawn.outsider), Viewer(everything=True)):
                assert finder.topics(viewer, prefix=prefix, limit=100) == everybodys


def test_every_answer_is_private_to_whoever_asked() -> None:
    drawn = world(7)
    with opened(drawn.facts) as finder:
        doors = Doors.over(finder)
        heard = [one for person in (None, drawn.insider) for one in crawl_http(doors, finder, drawn, person)]
    assert len(heard) > 100
    for one in heard:
        assert "private" in one.headers["cache-control"], one.asked
        assert "public" not in one.headers["cache-control"], one.asked
        assert "authorization" in one.headers["vary"].lower(), one.asked


def test_no_version_is_shared_by_two_who_read_different_things() -> None:
    drawn = world(7)
    with opened(drawn.facts) as finder:
        versions = {finder.version(finder.viewer(person)) for person in (None, drawn.insider, drawn.outsider)}
        assert len(versions) == len({None, drawn.insider, drawn.outsider})


# --- leaks planted on purpose: the check must find each --------------------------------------------------------------


def _caught() -> list[str]:
    """The differences in the first world that shows any."""
    rig = Rig()
    for seed in range(PLANTED):
        found = rig.compare(world(seed))
        if found:
            return found
    return []


def _opening(monkeypatch: pytest.MonkeyPatch, change: Callable[[Snapshot], Snapshot]) -> None:
    """Every snapshot is changed as it is opened."""

    def opened_wrong(folder: Path, *, encode: Encoder, verified: str | None) -> Snapshot:
        return change(open_snapshot(folder, encode=encode, verified=verified))

    monkeypatch.setattr(folder_module, "open_snapshot", opened_wrong)


def test_statistics_of_words_over_all_posts_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_all(snapshot: Snapshot) -> Snapshot:
        extra = np.bincount(snapshot.restricted.segment.terms, minlength=len(snapshot.terms))
        known = snapshot.statistics
        wrong = Statistics(known.posts + len(snapshot.restricted), known.frequency + extra, known.total_length)
        return replace(snapshot, statistics=wrong)

    _opening(monkeypatch, of_all)
    assert any(found.startswith("find") for found in _caught())


def test_a_standing_made_of_all_acts_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_all(snapshot: Snapshot) -> Snapshot:
        hidden = snapshot.restricted.segment
        extra = np.bincount(hidden.act_person, hidden.act_strength, minlength=len(snapshot.people))
        standing = replace(snapshot.standing, activity=snapshot.standing.activity + extra)
        return replace(snapshot, standing=standing)

    _opening(monkeypatch, of_all)
    assert any(found.startswith("find") for found in _caught())


def test_a_view_that_two_viewers_share_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_come(self: ExpertFinder, viewer: Viewer) -> View:
        known = self._views.get("anybody")
        return known if known is not None and known.snapshot is self.snapshot else remember(self, viewer)

    def remember(self: ExpertFinder, viewer: Viewer) -> View:
        self._views["anybody"] = own(self, viewer)
        return self._views["anybody"]

    own = ExpertFinder.view
    monkeypatch.setattr(ExpertFinder, "view", first_come)
    assert _caught()


def test_a_version_that_counts_changes_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExpertFinder, "_version", lambda self, seen: str(seen.snapshot.manifest.sequence))
    assert any(found.startswith("version") for found in _caught())


def test_a_state_that_somebody_gave_whom_one_may_not_find_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_all(self: Endorsing, seen: View) -> dict[str, list[PostState]]:
        found = {one.post: [one] for one in self._store.statements(PostState)}
        return {post.id: found[post.id] for post in self._store.get("post", found)}

    monkeypatch.setattr(Endorsing, "states", of_all)
    assert _caught()


def test_a_restricted_question_that_lends_its_words_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def follow_all(post: Post, posts: Mapping[str, Post]) -> Post | None:
        return posts.get(post.parent)

    monkeypatch.setattr(segment_module, "thread_root", follow_all)
    assert any(found.startswith("find") for found in _caught())


def test_praise_by_people_whom_one_may_not_find_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    correct = facts_module.evidence_of

    def careless(
        post: Post,
        acts: Iterable[Interaction],
        *,
        identity: Mapping[str, str],
        people: Mapping[str, Person],
        vocabulary: Vocabulary,
    ) -> list[Evidence]:
        anyone = {id: replace(person, hidden=False, audience=post.audience) for id, person in people.items()}
        return correct(post, acts, identity=identity, people=anyone, vocabulary=vocabulary)

    monkeypatch.setattr(facts_module, "evidence_of", careless)
    assert _caught()


def test_a_sum_in_an_order_that_a_hidden_fact_moves_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two acts of one person, family and post swap places, and the last digit of a sum moves with them."""
    correct = facts_module.evidence_of

    def by_whom_the_names_are(
        post: Post,
        acts: Iterable[Interaction],
        *,
        identity: Mapping[str, str],
        people: Mapping[str, Person],
        vocabulary: Vocabulary,
    ) -> list[Evidence]:
        def key(one: Evidence) -> tuple[str, str, list[str]]:
            return one.person, one.kind, sorted(identity.get(name, name) for name in one.audience.deny)

        return sorted(correct(post, acts, identity=identity, people=people, vocabulary=vocabulary), key=key)

    def partial(
        post: np.ndarray, person: np.ndarray, family: np.ndarray, *, strength: np.ndarray, at: np.ndarray
    ) -> np.ndarray:
        return np.lexsort((family, person, post))

    monkeypatch.setattr(facts_module, "evidence_of", by_whom_the_names_are)
    monkeypatch.setattr(candidates_module, "act_order", partial)
    assert any(Rig().compare(large_world(seed)) for seed in (0, 3, 5))


def test_near_copies_among_acts_that_one_may_not_read_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    correct = said_before.authored

    def of_the_post(tiers: Sequence[Tier], family: int) -> said_before.Authored:
        found = correct(tiers, family)
        audience = [tiers[n].segment.audience[post] for n, post in zip(found.tier, found.post, strict=True)]
        return replace(found, audience=np.array(audience, found.audience.dtype))

    for module in (near_copies, said_before):
        monkeypatch.setattr(module, "authored", of_the_post)
    assert any(Rig().compare(large_world(seed)) for seed in range(3))


def test_a_word_about_what_may_not_be_read_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    correct = ExpertFinder.post

    def telling(self: ExpertFinder, post_id: str, viewer: Viewer) -> Post:
        found = self.store.get("post", [post_id])
        return correct(self, post_id, viewer) if not found else found[0]

    monkeypatch.setattr(ExpertFinder, "post", telling)
    assert any(found.startswith("post") for found in _caught())


def test_a_network_that_two_viewers_share_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_come(self: Networking, viewer: Viewer) -> NetworkView:
        known = next(iter(self._views.values()), None)
        return known if known is not None and known.seen.snapshot is self.finder.snapshot else own(self, viewer)

    own = Networking._net
    monkeypatch.setattr(Networking, "_net", first_come)
    try:
        caught = any("communit" in found or "champions" in found for found in _caught())
    except AssertionError as error:  # it met somebody whom this viewer may not find
        caught = "the door broke on" in str(error)
    assert caught


def test_people_of_a_community_whom_one_may_not_find_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_all(seen: View, *once: Any, **known: Any) -> NetworkView:
        return network_view(replace(seen, here=np.ones_like(seen.here)), *once, **known)

    monkeypatch.setattr(networking_module, "network_view", of_all)
    assert any(found.startswith("community ") for found in _caught())


def test_communities_that_one_may_not_read_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_view_module, "may_read", lambda audience, viewer: True)
    assert any(found.startswith("communities") for found in _caught())


def test_a_hidden_person_who_is_suggested_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Directory.named
    monkeypatch.setattr(Directory, "named", lambda self, text, may_find: own(self, text, np.ones_like(may_find)))
    found = _caught()
    assert any(one.startswith("suggest") for one in found)
    assert any("/v1/suggest" in one for one in found)


def test_a_correction_to_the_name_of_somebody_whom_one_may_not_find_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def to_any_name(view: View, text: str, encode: Encoder) -> str | None:
        return next(
            (person.name for person in view.snapshot.people if person.name[:2].lower() == text[:2].lower()), None
        )

    monkeypatch.setattr(suggest_module, "did_you_mean", to_any_name)
    assert any(one.startswith("suggest") for one in _caught())


@pytest.mark.parametrize("people", [2, 5, 31, 200])
def test_how_near_two_people_are_does_not_depend_on_how_many_others_there_are(people: int) -> None:
    """To the last bit: a product of matrices adds up in another order for another number of rows."""
    vectors = np.random.default_rng(people).normal(size=(people, 256))
    near = nearness(vectors, 0)
    for fewer in range(1, people):
        assert nearness(vectors[:fewer], 0).tobytes() == near[:fewer].tobytes()


def test_two_crawls_of_one_world_agree_and_of_two_worlds_do_not(rig: Rig) -> None:
    """The comparison itself: blind, it would find nothing anywhere."""
    one, other = world(5), world(6)
    with opened(one.facts) as finder:
        first, again = (
            {what: body for what, body in rig.crawl(finder, one).items() if " /v1/audit " not in what}
            for _ in range(2)  # the audit log has grown by what was asked for the first time
        )
        assert not differences(first, again)
    with opened(other.facts) as finder:
        assert differences(first, rig.crawl(finder, replace(one, outsider=other.outsider)))


def test_drawn_worlds_hold_every_kind_of_audience() -> None:
    scopes = {
        (fact.audience.scope, bool(fact.audience.deny))
        for seed in range(10)
        for fact in world(seed).facts
        if isinstance(fact, Post | Person)
    }
    assert {("organisation", False), ("organisation", True), ("groups", False), ("private", False)} <= scopes
    assert ("nobody", False) in scopes
    assert all(isinstance(drawn, World) and questions(drawn) for drawn in (world(1), world(2)))
    assert worlds() is not None
