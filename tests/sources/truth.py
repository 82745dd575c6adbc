"""What every reader's test asks: is what was read what the export says, again, later, and for whom?

A test reads the export once more, in its own few lines and without the reader (`Told`), and calls

- `check_truth`: threads, authors, audience, times, places and deletions are those of the export;
- `check_again`: a second import changes nothing; a newer export with edits and deletions equals a fresh import of it;
- `check_leaks`: whoever is not in a private place hears nothing of it, compared with an export that never had it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random

from tests.leak.crawl import Doors, ask, crawl, differences, opened
from tests.leak.worlds import World
from tests.sizes import chosen
from tests.sources.examples import SHOP

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ingest import How, ingest
from expertfinder.model import Community, Fact, Interaction, Person, Post
from expertfinder.sources import Reader, Withdrawal
from expertfinder.store import Store, open_store

DRAWN = 200
"""Posts of an export that are compared one by one."""
KINDS = ("person", "community", "post", "interaction")
Insider = str | tuple[str, str]
"""The id of a person, or of a person and of the group that a directory puts them into; both without the source."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an export says of a post, read without the reader. Ids as the export has them, without the source."""

    authors: tuple[str, ...] = ()
    parent: str = ""
    place: str = ""
    at: datetime | None = None
    groups: tuple[str, ...] | None = None
    """The groups that may read it; `None`: whoever may read what the source says nothing else of."""
    words: str = ""
    """What its title and text have somewhere."""


def said_of(post: Post) -> Told:
    """What a post that was read says."""

    def plain(ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(each.partition(":")[2] for each in ids)

    audience = post.audience
    assert audience == SHOP.audience or audience.scope == "groups", f"{post.id} has the audience {audience}"
    groups = None if audience == SHOP.audience else plain(audience.groups)
    (parent,), (place,) = plain([post.parent]), plain([post.community])
    return Told(plain(post.authors), parent, place, post.created_at, groups)


def check_truth(facts: Iterable[Fact | Withdrawal], told: Mapping[str, Told], *, seed: int = 1) -> None:
    """The posts that were read are those of the export, each as it is there: all of their ids, and `DRAWN` posts whole.

    `told`: what the export says, by id without the source; what was deleted or is of no post is not in it.
    """
    posts: dict[str, Post] = {}
    for fact in facts:
        if isinstance(fact, Post):
            posts[fact.id.partition(":")[2]] = fact
        elif isinstance(fact, Withdrawal) and fact.kind == "post":
            posts.pop(fact.id.partition(":")[2], None)
    assert posts.keys() == told.keys(), f"{sorted(posts.keys() ^ told.keys())[:10]} are in one of the two only"
    for id in Random(seed).sample(sorted(told), min(DRAWN, len(told))):
        expected, found = told[id], said_of(posts[id])
        of = f"{posts[id].title}\n{posts[id].text}"
        assert expected.words in of, f"{id} lacks the words {expected.words!r}: {of!r}"
        assert found == Told(expected.authors, expected.parent, expected.place, expected.at, expected.groups), id


def stored(store: Store) -> dict[str, dict[str, str]]:
    """Everything in a store, by kind and id."""
    return {kind: {row.id: row.body for row in store.kept(kind)} for kind in KINDS}  # type: ignore[arg-type]


def check_again(make: Callable[[Path], Reader], older: Path, newer: Path, folder: Path) -> None:
    """A second import of `older` changes nothing, and `newer` after it, complete, is as if it had come first."""
    with_past, fresh = open_store(folder / "past.db"), open_store(folder / "fresh.db")
    try:
        first = ingest(with_past, make(older))
        assert first.kinds["post"].added > 0
        before = with_past.sequence()
        again = ingest(with_past, make(older))
        assert with_past.sequence() == before, f"the second import changed something: {again.kinds}"
        ingest(with_past, make(newer), how=How(complete=True, many=True))
        ingest(fresh, make(newer))
        assert stored(with_past) == stored(fresh)
        assert stored(fresh)["post"] != {}
        before = with_past.sequence()
        ingest(with_past, make(newer), how=How(complete=True))
        assert with_past.sequence() == before, "a second complete import changed something"
    finally:
        with_past.close()
        fresh.close()


def read_facts(reader: Reader) -> list[Fact]:
    """What an import would keep: the last fact of each id, without those that are taken back."""
    found: dict[tuple[str, str], Fact] = {}
    kinds = {Person: "person", Post: "post", Interaction: "interaction", Community: "community"}
    for fact in reader.facts():
        if isinstance(fact, Withdrawal):
            found.pop((fact.kind, fact.id), None)
        else:
            found[kinds[type(fact)], fact.id] = fact  # type: ignore[index]
    return list(found.values())


def check_leaks(
    with_secrets: Reader, without: Reader, *, outsiders: Sequence[str], insider: Insider, words: Sequence[str] = ()
) -> None:
    """No answer to an outsider differs by a byte from that of an export that never had the secrets.

    `with_secrets` has private places, direct messages and deleted posts; of `without` they were taken away by hand.
    `outsiders`, `insider`: ids without the source; the shared tier is always asked. Among the outsiders belongs who
    wrote in a private place and has left it. An insider of whom a directory says that they are in a group, because the
    export does not, is given with it. `words`: of direct messages and of
    what was deleted, which stand in no fact at all. Every question of the leak tests is put, at every door (in everyday
    tests within the process alone).
    """
    source = with_secrets.source
    insider, group = insider if isinstance(insider, tuple) else (insider, "")
    facts, clean = (
        [_in_group(fact, source.id, insider, group) for fact in read_facts(each)] for each in (with_secrets, without)
    )
    assert not [word for word in words if any(word in repr(fact) for fact in facts)], "a direct message was read"
    clean_ids = {(type(fact), fact.id) for fact in clean}
    secret = frozenset((type(fact), fact.id) for fact in facts if (type(fact), fact.id) not in clean_ids)
    assert any(kind is Post for kind, _ in secret), "there is no secret: this shows nothing"
    world = World("export", (source, *facts), None, f"{source.id}:{insider}", secret)
    with opened((source, *facts)) as full, opened((source, *clean)) as bare:
        doors = Doors.over(full)
        for who in (None, *(f"{source.id}:{each}" for each in outsiders)):
            found = differences(*(_heard(_asked(doors, each, world, who)) for each in (full, bare)))
            assert not found, f"{who} hears of it:\n" + "\n".join(found[:3])
        viewer = full.viewer(world.insider)
        assert ask(full, world, viewer) != ask(bare, world, viewer), "the insider hears nothing either"


def _in_group(fact: Fact, source: str, who: str, group: str) -> Fact:
    if group and isinstance(fact, Person) and fact.id == f"{source}:{who}":
        return replace(fact, groups=(*fact.groups, f"{source}:{group}"))
    return fact


def _asked(doors: Doors, finder: ExpertFinder, world: World, who: str | None) -> dict[str, bytes]:
    return ask(finder, world, finder.viewer(who)) if chosen() == "everyday" else crawl(doors, finder, world, who)


def _heard(answers: dict[str, bytes]) -> dict[str, bytes]:
    """Answers without those that no door gives.

    These are the records of people as they are within the process, with their groups; and the list of whose eyes one
    may borrow, which only the demonstration has, and orders by groups.
    """
    return {
        asked: answer
        for asked, answer in answers.items()
        if asked != "people" and not asked.startswith(("person ", "http GET / "))
    }
