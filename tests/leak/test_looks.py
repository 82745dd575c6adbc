"""A look goes on from the one before, and finds what a look at everything would have found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random

import pytest
from tests.leak.crawl import ask, differences, opened
from tests.leak.worlds import World, world
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.index import folder as folder_module
from expertfinder.index.fresh import changes as changes_module
from expertfinder.index.fresh.changes import Look
from expertfinder.index.snapshot import Snapshot
from expertfinder.model import (
    NOBODY,
    ORGANISATION,
    SHARED,
    Audience,
    Community,
    Fact,
    Person,
    Post,
    Query,
    Source,
    Viewer,
)
from expertfinder.store import Store
from expertfinder.store.codec import KINDS

STEPS = 14


def step(store: Store, rng: Random, facts: list[Fact], people: bool) -> None:
    """Some facts come, change or go."""
    for fact in rng.sample(facts, rng.choice((1, 1, 2, 4))):
        if isinstance(fact, Person) and not people:
            continue
        dice = rng.random()
        if dice < 0.25:
            store.delete(KINDS[type(fact)], [fact.id])
        elif dice < 0.5 and isinstance(fact, Post):
            others = [one.id for one in facts if isinstance(one, Post)]
            words = " ".join(rng.choices(("zanzibar", "turbine", *fact.text.split()), k=6))
            store.apply([replace(fact, text=words, parent=rng.choice(("", *others)))])
        elif dice < 0.65:
            store.apply([replace(fact, audience=rng.choice((ORGANISATION, *(one.audience for one in facts))))])
        elif dice < 0.7 and isinstance(fact, Person):
            store.hide(fact.id, hidden=rng.random() < 0.5)
        else:
            store.apply([fact])


@contextmanager
def lived(seed: int, rng: Random) -> Iterator[tuple[ExpertFinder, World, list[Fact]]]:
    """A finder that has looked after each step of a drawn life, its world, and the facts that steps are drawn from."""
    drawn = world(seed, people=7, posts=22, acts=16)
    facts = [fact for fact in drawn.facts if not isinstance(fact, Source)]
    first = [fact for fact in drawn.facts if isinstance(fact, Source | Person) or rng.random() < 0.6]
    with opened(first) as finder:
        for number in range(STEPS):
            step(finder.store, rng, facts, people=seed % 2 == 0 and number % 3 == 2)
            finder.refresh()
        yield finder, drawn, facts


def unheard(snapshot: Snapshot) -> set[str]:
    """Keys of audiences that facts are summed up by and that are in no viewer's version, though some may read them."""
    known = {NOBODY.key, *(audience.key for audience in snapshot.audiences)}
    return {key for key, total in snapshot.manifest.digests.items() if total} - known


@pytest.mark.parametrize("seed", range(size("looks on")))
def test_many_looks_find_what_one_look_finds(seed: int) -> None:
    with lived(seed, Random(f"looks {seed}")) as (finder, drawn, _):
        one = ExpertFinder(finder.home, finder.store, encode=finder._encode)
        one.refresh()
        assert one.snapshot.sequence == finder.snapshot.sequence
        assert not unheard(finder.snapshot)
        assert not unheard(one.snapshot)
        for person in (None, drawn.outsider, drawn.insider):
            viewer = finder.viewer(person if person and finder.store.get("person", [person]) else None)
            found = differences(ask(finder, drawn, viewer), ask(one, drawn, viewer))
            assert not found, f"{len(found)} answers differ as {person}:\n{found[0]}"


def test_what_is_told_of_a_community_that_came_since_moves_the_version_of_who_may_read_it() -> None:
    with opened(world(3).facts) as finder:
        reader = Viewer(person="a:new", groups=frozenset({"a:new-room"}))
        finder.store.apply([Post(id="a:new", source="a", audience=ORGANISATION)])
        finder.refresh()
        before = finder.version(reader)
        alone = Audience("groups", groups=("a:new-room",))
        finder.store.apply([Community(id="a:new-community", source="a", name="zanzibar", audience=alone)])
        finder.refresh()
        assert finder.version(reader) != before
        assert not unheard(finder.snapshot)


def test_a_look_that_does_not_read_replies_again_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_module, "with_replies", lambda replies, waiting, names: set(names))

    def some_lives() -> None:
        for seed in range(1, 40, 2):
            test_many_looks_find_what_one_look_finds(seed)

    with pytest.raises(AssertionError, match="answers differ"):
        some_lives()


def test_a_look_reads_again_only_what_was_touched_since(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = world(3)
    posts = [fact for fact in drawn.facts if isinstance(fact, Post)]
    read: list[int] = []
    correct = changes_module._read

    def counted(base: Snapshot, store: Store, names: set[str], now: object, before: Look) -> object:
        read.append(len(names))
        return correct(base, store, names, now, before)  # type: ignore[arg-type]

    with opened(drawn.facts) as finder:
        finder.store.apply([replace(post, id=f"a:new{number}", parent="") for number, post in enumerate(posts)])
        finder.refresh()
        monkeypatch.setattr(changes_module, "_read", counted)
        finder.store.apply([replace(posts[0], id="a:last", parent="", text="turbine zanzibar alone")])
        finder.refresh()
    assert 0 < sum(read) < len(posts)


@pytest.mark.parametrize("seed", range(size("looks on")))
def test_a_process_that_starts_goes_on_from_what_another_wrote_down(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "ENOUGH", 3)
    rng = Random(f"starts {seed}")
    with lived(seed, rng) as (finder, drawn, facts):
        kept = list((finder.home.index / finder.snapshot.manifest.name).glob("waiting-*"))
        assert len(kept) == 1
        step(finder.store, rng, facts, people=False)
        monkeypatch.setattr(folder_module, "ENOUGH", 1_000)
        others = []
        for damage in (False, True):
            if damage:
                rows = kept[0] / "rows" / "strengths.npy"
                written = rows.read_bytes()
                rows.write_bytes(written[:-1] + bytes([written[-1] ^ 1]))
            other = ExpertFinder(finder.home, finder.store, encode=finder._encode)
            assert (other._index.resumed(finder.snapshot)[0].look is None) == damage, "what is damaged is not used"  # type: ignore[attr-defined]
            other.refresh()
            others.append(other)
        for person in (None, drawn.outsider, drawn.insider):
            viewer = others[0].viewer(person if person and finder.store.get("person", [person]) else None)
            found = differences(ask(others[0], drawn, viewer), ask(others[1], drawn, viewer))
            assert not found, f"{len(found)} answers differ as {person}:\n{found[0]}"


def test_who_came_since_the_build_is_found_by_what_they_say_of_themselves() -> None:
    with opened(world(3).facts) as finder:
        finder.store.apply([Person(id="a:new", source="a", name="Eve", skills=("zanzibar",), audience=ORGANISATION)])
        finder.refresh()
        found = finder.find(Query(text="zanzibar"), SHARED)
        why = finder.explain(Query(text="zanzibar"), "a:new", SHARED)
    assert [one.subject for one in found.recommendations] == ["a:new"]
    assert any("no evidence yet" in reason.text for reason in why.reasons)
