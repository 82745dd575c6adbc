"""Who is who at a look, told of what changed since the look before, is what it is of all records."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from tests.leak.crawl import opened
from tests.leak.people_worlds import DAY, People, people_world
from tests.sizes import size

from expertfinder.identity import Humans
from expertfinder.index.fresh import crowd as module
from expertfinder.index.fresh.crowd import Crowd, people_now, people_since
from expertfinder.model import ORGANISATION, Audience
from expertfinder.store import Store, Verdict

CHANGES = 25


def change(store: Store, rng: Random, others: People, number: int) -> set[str]:
    """Change something about people; the ids of the records that a look is told of."""
    before, there = store.sequence(), list(store.all("person"))
    one, other = (rng.choice(there or list(others.records)) for _ in range(2))
    match rng.randrange(9):
        case 0:
            store.apply([replace(one, accounts=other.accounts)])
        case 1:
            store.apply(
                [replace(one, accounts=(*one.accounts, *other.accounts), name=rng.choice((one.name, other.name)))]
            )
        case 2:
            store.apply([replace(one, accounts=(), title=f"Title {number}")])
        case 3:
            store.delete("person", [one.id])
        case 4:
            store.apply([replace(one, id=f"{one.source}:new{number}", name=rng.choice((one.name, "Someone New")))])
        case 5:
            store.hide(one.id, hidden=one.id not in store.hides())
        case 6:
            store.apply([replace(one, audience=rng.choice((ORGANISATION, Audience("groups", groups=("hr:board",)))))])
        case 7:
            first, second = sorted((one.id, other.id))
            if first != second:
                said = rng.choice(("join", "part"))
                store.state(Verdict(verdict=said, one=first, other=second, by="prompt", at=DAY))
        case _:
            store.apply(rng.sample(others.records, min(2, len(others.records))))
    return {each.id for each in store.changes(before) if each.kind == "person"}


def told(crowd: Crowd, names: set[str]) -> tuple[object, ...]:
    """All that a crowd says."""
    assert crowd.known is not None
    who: Humans = crowd.known.who
    known = sorted(crowd.known.records)
    whose = {name: who.author(name) for name in sorted(names)}
    return crowd.people, crowd.rows, crowd.rights, crowd.apart, who.identity, who.joins, whose, known


@pytest.mark.parametrize("seed", range(size("looks on")))
def test_who_is_who_after_each_change_is_who_is_who_of_all(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng, world, others = Random(seed), people_world(seed), people_world(seed + 1000)
    names = {
        key for record in (*world.records, *others.records) for key in (record.id, *map("x:{}".format, record.accounts))
    }
    with opened(world.facts) as finder:
        base, crowd = finder.snapshot, people_now(finder.snapshot, finder.store)
        whole: list[int] = []
        monkeypatch.setattr(module, "people_now", lambda *of: whole.append(1) or people_now(*of))
        for number in range(CHANGES):
            changed = change(finder.store, rng, others, number)
            crowd = people_since(base, finder.store, crowd, changed)
            now = people_now(base, finder.store)
            assert told(crowd, names) == told(now, names), f"after change {number}"
        assert len(whole) < CHANGES / 2, "decisions alone are reasons to read all"
