"""After an erasure and a scrub nothing of it is in any raw file of a real Neo4j, plain, packed or as numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from scripts.neo4j.server import ERASING, Server
from tests.neo4j.raw import residue

from expertfinder.errors import StoreError, StoreUnavailable
from expertfinder.model import Audience, Interaction, Person, Post
from expertfinder.store import Feedback, Key, Store, open_store
from expertfinder.store.neo4j import scrub
from expertfinder.store.neo4j.server import Server as Line
from expertfinder.store.neo4j.server import address

pytestmark = pytest.mark.needs_neo4j

AT = datetime(2026, 3, 1, tzinfo=UTC)
SHARED = Audience("organisation")
EMBEDDED = 4711.0815
"""A number that stands in no file by chance, 256 times in each planted vector."""
RNG = Random(3)


def word(letters: int) -> str:
    return "".join(RNG.choice("bcdfghjklmnpqrstvwz") for _ in range(letters))


IDS = [f"demo:{word(9)}" for _ in range(12)]
NAMES = [f"{word(6).title()} {word(14).title()}" for _ in IDS]
TITLES = [word(30) for _ in IDS]
PHRASES = [f"{word(7)} {word(8)}" for _ in IDS]
WITHDRAWN = [f"{word(8)} {word(7)}" for _ in IDS]
"""What stood in a post before it was edited, days before the erasure."""
PLANTED = IDS + NAMES + TITLES + PHRASES + WITHDRAWN


def bystanders(count: int) -> list[Person | Post]:
    people = [Person(id=f"demo:p{n}", source="demo", name=f"Person {n}", audience=SHARED) for n in range(count)]
    return [*people, *(post(f"demo:t{n}", f"demo:p{n}", "plain words " * RNG.randint(5, 80)) for n in range(count))]


def post(name: str, author: str, text: str) -> Post:
    return Post(id=name, source="demo", kind="message", text=text, authors=(author,), created_at=AT, audience=SHARED)


def victims() -> Iterator[Person | Post | Interaction]:
    for who, name, title, phrase in zip(IDS, NAMES, TITLES, PHRASES, strict=True):
        mail = f"email:{who[5:]}@demo.example"
        bio = f"{phrase}. " * 20
        yield Person(id=who, source="demo", name=name, title=title, accounts=(mail,), bio=bio, audience=SHARED)
        for number in range(4):
            yield replace(post(f"{who}.{number}", who, f"{phrase} " * RNG.randint(5, 60)), title=title)
        yield Interaction(
            id=f"{who}.act", source="demo", actor=who, verb="like", object="demo:t7", object_type="post",
            created_at=AT, audience=SHARED,
        )  # fmt: skip


def opened(server: Server) -> Store:
    return open_store(server.url)


def line(server: Server) -> Line:
    return Line(address(server.uri, user=server.user, password=server.password))


def test_after_a_scrub_nothing_of_the_erased_is_in_any_file_and_everything_else_is_as_it_was(
    neo4j_own: Callable[[Mapping[str, str]], Server],
) -> None:
    server = neo4j_own(ERASING)
    store = opened(server)
    store.apply(bystanders(600))
    store.apply(replace(post(f"{who}.0", who, f"{gone} " * 30)) for who, gone in zip(IDS, WITHDRAWN, strict=True))
    store.apply(victims())
    for who in IDS:
        store.put_key(Key(id=word(8), digest="0", scopes=(), person=who, created_at=AT, expires_at=AT, revoked=False))
        store.state(Feedback(person=who, subject="demo:p1", text=PHRASES[0], helpful=True, at=AT))
    server.query("CREATE FULLTEXT INDEX words FOR (n:Post) ON EACH [n.text]")
    server.query("CALL db.awaitIndexes(60)")
    server.query(
        "MATCH (n:Post) WHERE n.id STARTS WITH $who SET n.embedding = $vector", who=IDS[0], vector=[EMBEDDED] * 256
    )
    server.stop()
    there = {what for _, what in residue(server.home, PLANTED, [EMBEDDED])}
    assert there >= {*PLANTED, str(EMBEDDED)}, "whoever looks finds each of them before"
    server.start()

    for who in IDS:
        store.erase(who)
    # Others write on, and get the free records that still hold what was erased.
    store.apply(post(f"demo:later{n}", f"demo:p{n}", "written since " * RNG.randint(1, 90)) for n in range(200))
    before = {kind: list(store.all(kind)) for kind in ("person", "post", "interaction")}
    schema = "SHOW INDEXES YIELD name, type, state RETURN name, type, state ORDER BY name"
    indexes = server.query(schema)
    assert {what for _, what in residue(server.home, PLANTED, [EMBEDDED])} >= set(PHRASES), "deleting is not enough"

    assert store.scrub()
    assert residue(server.home, PLANTED, [EMBEDDED]) == {}
    assert not store.scrub(), "nothing is left to do"
    assert {kind: list(store.all(kind)) for kind in ("person", "post", "interaction")} == before
    assert server.query(schema) == indexes
    assert server.query("MATCH (n:Blank) RETURN count(n) AS n") == [{"n": 0}]
    assert server.query("CALL db.index.fulltext.queryNodes('words', 'since') YIELD node RETURN count(*) AS n")[0]["n"]
    store.close()
    server.stop()
    assert residue(server.home, PLANTED, [EMBEDDED]) == {}
    server.start()
    assert residue(server.home, PLANTED, [EMBEDDED]) == {}


def test_a_server_that_would_keep_what_is_erased_is_named_with_the_settings_it_needs(neo4j_empty: Server) -> None:
    scrubber = line(neo4j_empty)
    with pytest.raises(StoreError, match=r"db\.tx_log\.rotation\.retention_policy=.*, see docs/neo4j\.md"):
        scrub.scrub(scrubber)
    scrubber.close()


def test_a_scrub_does_not_pretend_while_somebody_still_reads(
    neo4j_own: Callable[[Mapping[str, str]], Server],
) -> None:
    server = neo4j_own(ERASING)
    opened(server).close()
    scrubber = line(server)
    with server.session() as session, session.begin_transaction() as reading:
        reading.run("MATCH (n) RETURN count(n)").consume()
        with pytest.raises(StoreUnavailable, match="somebody still reads what was erased: scrub again"):
            scrub.scrub(scrubber)
    scrubber.close()
