"""What a source takes back leaves nothing behind: the answers are those of a record that never had it."""

from __future__ import annotations

from random import Random

import pytest
from tests.leak.crawl import Answers, ask, differences, opened, rebuild
from tests.leak.noninterference import Rig
from tests.leak.worlds import World, world
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.index.facts import DETECTED
from expertfinder.ingest.withdrawal import Place, place_of, sift, withdraw, withdrawn_in
from expertfinder.model import Fact, Source
from expertfinder.store import Store

SHARE = 0.25
"""Of the facts of a world that are taken back, about."""
AT_ONCE = ("version", "person ", "people", "post ")
"""Beginnings of the questions whose answers wait for no fold: who there is, what stands where, what may be read."""


def taken_back(drawn: World) -> list[Place]:
    """Facts of every kind, but no source."""
    rng = Random(f"{drawn.name}:taken back")
    return [place_of(fact) for fact in drawn.facts if not isinstance(fact, Source) and rng.random() < SHARE]


def rest_of(drawn: World, gone: list[Place]) -> list[Fact]:
    """The world that never had them."""
    return [fact for fact in drawn.facts if place_of(fact) not in set(gone)]


def everybody(finder: ExpertFinder, drawn: World, *, only: tuple[str, ...] = ("",)) -> Answers:
    """The answers in the process, as the shared tier and as the two people of the world, as far as they are there."""
    found: Answers = {}
    for person in (None, drawn.outsider, drawn.insider):
        if person is None or finder.store.get("person", [person]):
            answers = ask(finder, drawn, finder.viewer(person), only=only)
            found |= {f"{asked} as {person}": answer for asked, answer in answers.items()}
    return found


def import_again(store: Store, drawn: World) -> None:
    """The files of every source once more, untouched."""
    store.apply(sift(withdrawn_in(store), drawn.facts).facts)


def without_history(store: Store) -> None:
    """Forget which communities were found: their numbers are those of the order in which they came (decision 0011)."""
    store.delete("community", [one.id for one in store.all("community") if one.source == DETECTED])


@pytest.mark.parametrize("seed", range(size("E4")))
def test_what_was_taken_back_is_as_if_it_had_never_been(seed: int) -> None:
    drawn = world(seed, people=7, posts=20, acts=14)
    gone = taken_back(drawn)
    with opened(rest_of(drawn, gone)) as finder:
        never = everybody(finder, drawn)
        through_the_doors = Rig().crawl(finder, drawn) if finder.store.get("person", [drawn.outsider or ""]) else {}
    with opened(drawn.facts) as finder:
        before = everybody(finder, drawn, only=AT_ONCE)
        withdraw(finder.store, gone, by="test")
        finder.refresh()
        now = everybody(finder, drawn, only=AT_ONCE)
        assert before != now, "a world in which nothing is taken back proves nothing"
        found = differences(now, {asked: answer for asked, answer in never.items() if asked.startswith(AT_ONCE)})
        assert not found, f"at once, {len(found)} answers differ:\n{found[0]}"
        for again in (False, True):
            if again:
                import_again(finder.store, drawn)
            without_history(finder.store)
            rebuild(finder)
            found = differences(everybody(finder, drawn), never)
            assert not found, f"imported again: {again}; {len(found)} answers differ:\n{found[0]}"
        if through_the_doors:
            found = differences(Rig().crawl(finder, drawn), through_the_doors)
            assert not found, found[0]
