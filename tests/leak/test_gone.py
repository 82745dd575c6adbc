"""Erased stays erased, hidden stays hidden: no import of the same files and no other source brings anybody back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from tests.leak.crawl import differences, opened, rebuild
from tests.leak.test_withdrawn import AT_ONCE, everybody, import_again, without_history
from tests.leak.worlds import LAST, World, world
from tests.sizes import size
from tests.stores.model_store import struck

from expertfinder.model import ORGANISATION, Fact, Interaction, Person, Post, Source
from expertfinder.store import who_is_who

OTHER = Source(id="d", audience=ORGANISATION)


def chosen(seed: int) -> tuple[World, Person]:
    """A world in which every source answers for its keys, and somebody of it with an address."""
    seeds = (number for number in range(seed * 1_000, (seed + 1) * 1_000))
    drawn = next(
        one
        for one in (world(number, people=7, posts=20, acts=14) for number in seeds)
        if not any(isinstance(fact, Source) and fact.directory for fact in one.facts)
    )
    people = [fact for fact in drawn.facts if isinstance(fact, Person) and fact.accounts and not fact.hidden]
    person = Random(f"gone {seed}").choice(people)
    # Records of other names with the same address are somebody to look at, and no proof.
    facts = tuple(
        replace(fact, name=person.name) if isinstance(fact, Person) and fact.accounts == person.accounts else fact
        for fact in drawn.facts
    )
    return replace(drawn, facts=facts), person


def elsewhere(person: Person) -> list[Fact]:
    """What another source has of somebody with the same address: a record, a post, and what an address alone did."""
    (key,) = person.accounts
    address = key.partition(":")[2]
    return [
        Person(id="d:7", source="d", name=person.name, accounts=(key.upper(),), audience=ORGANISATION),
        Post(id="d:p", source="d", authors=("d:7",), text="ledger invoice", created_at=LAST, audience=ORGANISATION),
        Post(
            id="d:q", source="d", authors=(f"d:{address}",), text="proxy", created_at=LAST, audience=ORGANISATION
        ),
        Interaction(
            id="d:i", source="d", actor=f"d:{address}", verb="review", object="d:q", audience=ORGANISATION
        ),
    ]  # fmt: skip


def rest_of(facts: Sequence[Fact], gone: set[str]) -> list[Fact]:
    """The facts of a world in which these people never were."""
    left = [struck(fact, gone) for fact in facts]
    return [fact for fact in left if fact is not None]


@pytest.mark.parametrize("seed", range(size("gone")))
def test_after_an_erasure_answers_are_those_of_a_world_without_whatever_is_imported(seed: int) -> None:
    drawn, person = chosen(seed)
    with opened([*drawn.facts, OTHER]) as finder:
        records, who = who_is_who(finder.store)
        theirs = who.belongings(records, person.id)
        assert (person.id in theirs.records, theirs.doubtful) == (True, ())
        before = everybody(finder, drawn, only=AT_ONCE)
        for record in theirs.records:
            finder.store.erase(record, keys=theirs.keys)
        after = []
        for more in ([], elsewhere(person)):
            finder.store.apply(more)
            import_again(finder.store, drawn)
            without_history(finder.store)
            rebuild(finder)
            after.append(everybody(finder, drawn))
    with opened([*rest_of(drawn.facts, set(theirs.records)), OTHER]) as finder:
        never = everybody(finder, drawn)
    assert before.keys() >= {asked for asked in never if asked.startswith(AT_ONCE)}
    for answers in after:
        found = differences(answers, never)
        assert not found, f"{drawn.name} without {theirs.records}: {len(found)} answers differ:\n{found[0]}"


@pytest.mark.parametrize("seed", range(size("gone")))
def test_who_is_hidden_stays_as_hidden_as_before_the_first_import_whatever_is_imported(seed: int) -> None:
    drawn, person = chosen(seed)
    more = elsewhere(person)
    with opened([], build=False) as finder:
        finder.store.hide(person.id)
        finder.store.apply([*drawn.facts, OTHER, *more])
        rebuild(finder)
        first = everybody(finder, drawn)
    with opened([*drawn.facts, OTHER]) as finder:
        seen = everybody(finder, drawn, only=AT_ONCE)
        finder.store.hide(person.id)
        finder.refresh()
        finder.store.apply(more)
        import_again(finder.store, drawn)
        without_history(finder.store)
        rebuild(finder)
        found = differences(everybody(finder, drawn), first)
        assert not found, f"{drawn.name} without {person.id}: {len(found)} answers differ:\n{found[0]}"
        assert seen.items() - first.items(), "a world in which nobody is hidden proves nothing"
        assert finder.person(person.id, finder.viewer(person.id)).hidden, "they see themselves"
