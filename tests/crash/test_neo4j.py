"""A server that is away, slow, frozen, cut off or killed (promise C6): answers go on, writes say so and may come again.

Killed in the middle of writing, or cut off in the middle of a transaction, it loses nothing that it acknowledged.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from neo4j import GraphDatabase
from scripts import kill
from tests.http.client import Client
from tests.http.conftest import FACTS, bearer
from tests.sizes import size
from tests.stores.wire import Wire

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.keys import issue_key
from expertfinder.errors import StoreError, StoreUnavailable
from expertfinder.http import create_app
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import ORGANISATION, Person, Post
from expertfinder.store import Store, open_store

if TYPE_CHECKING:
    from scripts.neo4j.server import Server

pytestmark = pytest.mark.needs_neo4j
KILLS, CUTS = size("C6 kills"), size("C6 cuts")
SECONDS = 3.0
"""Within which a writer is told that the server is away: the one promise of this folder that is a time."""
NEXT: list[Post] = [
    Post(id=f"acme:new-{n}", source="acme", authors=("acme:ben",), text=f"New {n}.", audience=ORGANISATION)
    for n in range(40)
]


def address(server: Server, port: int | None = None) -> str:
    return f"bolt://{server.user}:{quote(server.password)}@127.0.0.1:{port or server.port}"


@pytest.fixture
def wire(neo4j_empty: Server) -> Iterator[Wire]:
    """A wire to the shared server, which is empty."""
    made = Wire(neo4j_empty.port)
    yield made
    made.close()


@pytest.fixture
def store(neo4j_empty: Server, wire: Wire) -> Iterator[Store]:
    """A store at the end of the wire, that has written and read everything once."""
    opened = open_store(address(neo4j_empty, wire.port))
    opened.apply(FACTS)
    opened.apply(NEXT[30:])
    yield opened
    wire.flow()
    opened.close()


def refused(write: Callable[[], object]) -> StoreUnavailable:
    """The refusal of a write, which came in time."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        write()
    assert time.monotonic() - began < SECONDS
    assert caught.value.extras["retry_after"]
    return caught.value


def again(write: Callable[[], Any]) -> Any:
    """Write until it is taken, as a client that is told to come again does."""
    for _ in range(50):
        try:
            return write()
        except StoreUnavailable:
            time.sleep(0.2)
    raise AssertionError("the server is back and the store does not notice")


def there_once(store: Store, posts: list[Post]) -> None:
    """Each post and each change is there, once."""
    assert store.get("post", [post.id for post in posts]) == posts
    log = [change.id for change in store.changes(0)]
    assert len(log) == store.sequence()
    assert [log.count(post.id) for post in posts] == [1] * len(posts)


# --- the store -------------------------------------------------------------------------------------------------------


def test_a_held_wire_refuses_in_time_and_what_is_sent_again_is_there_once(store: Store, wire: Wire) -> None:
    wire.hold()
    refused(lambda: store.apply(NEXT[:3]))
    refused(lambda: store.hide("acme:ben"))
    wire.flow()
    assert again(lambda: store.apply(NEXT[:3])).sequence == len(FACTS) + 13
    there_once(store, NEXT[:3])


def test_a_wire_that_is_five_seconds_slow_refuses_in_time(store: Store, wire: Wire) -> None:
    wire.delay = 5.0
    refused(lambda: store.apply(NEXT[:3]))
    wire.delay = 0.0
    wire.cut()
    again(lambda: store.apply(NEXT[:3]))
    there_once(store, NEXT[:3])


def test_a_server_that_is_not_there_refuses_at_once_and_the_same_store_goes_on_afterwards(
    store: Store, wire: Wire
) -> None:
    wire.refuses = True
    wire.cut()
    refused(lambda: store.apply(NEXT[:3]))
    wire.refuses = False
    again(lambda: store.apply(NEXT[:3]))
    there_once(store, NEXT[:3])


def test_a_connection_that_is_old_is_replaced_unnoticed(store: Store, wire: Wire) -> None:
    wire.cut()
    assert store.apply(NEXT[:3]).count("added") == 3
    wire.cut()
    assert store.count("post") == len(store.get("post", [change.id for change in store.changes(0)]))


def test_a_wire_cut_anywhere_in_a_transaction_leaves_all_of_it_or_nothing(store: Store, wire: Wire) -> None:
    draw = random.Random(5)
    told = 0
    for number in range(CUTS):
        posts = [Post(id=f"acme:cut-{number}-{n}", source="acme", text="x" * 300) for n in range(20)]
        wire.cut_after(draw.randrange(1, 12_000))
        try:
            store.apply(posts)
        except StoreUnavailable:
            told += 1
        wire.cut_after(None)
        found = again(lambda posts=posts: store.get("post", [post.id for post in posts]))  # type: ignore[misc]
        assert found in ([], posts)
        again(lambda posts=posts: store.apply(posts))  # type: ignore[misc]
        there_once(store, posts)


def test_who_waits_too_long_for_another_writer_is_told_and_readers_do_not_wait(
    store: Store, neo4j_empty: Server
) -> None:
    with neo4j_empty.session() as session, session.begin_transaction() as other:
        other.run("MATCH (n:Counter {name: 'change'}) SET n.locked = true").consume()
        with pytest.raises(StoreUnavailable, match="another writer"):
            store.apply(NEXT[:3])
        assert store.sequence() == len(FACTS) + 10, "the server is not taken for dead"
        other.rollback()
    assert store.apply(NEXT[:3]).count("added") == 3


def test_a_login_that_is_refused_is_told_once_and_the_server_is_left_in_peace(neo4j_empty: Server) -> None:
    wrong = f"bolt://neo4j:swordfish@127.0.0.1:{neo4j_empty.port}"
    with pytest.raises(StoreError, match="refuses the login") as caught:
        open_store(wrong)
    assert not isinstance(caught.value, StoreUnavailable)
    assert "swordfish" not in f"{caught.value}{caught.value.__cause__!r}"
    open_store(address(neo4j_empty)).close()


def test_a_password_that_is_changed_while_we_run_does_not_run_us_into_the_rate_limit(
    store: Store, wire: Wire, neo4j_empty: Server
) -> None:
    change = "ALTER CURRENT USER SET PASSWORD FROM $old TO $new"
    old, new = neo4j_empty.password, "swordfish2"
    with (
        GraphDatabase.driver(neo4j_empty.uri, auth=neo4j_empty.auth) as driver,
        driver.session(database="system") as session,
    ):
        session.run(change, old=old, new=new).consume()
        try:
            wire.cut()  # connections that are made anew have to say the password
            for _ in range(20):
                with pytest.raises(StoreError, match="refuses the login"):
                    store.sequence()
            right = open_store(f"bolt://neo4j:{new}@127.0.0.1:{neo4j_empty.port}")
            assert right.sequence() == len(FACTS) + 10, "the right password is not blocked"
            right.close()
        finally:
            session.run(change, old=new, new=old).consume()


# --- the service -----------------------------------------------------------------------------------------------------


class Service:
    """An app on a store, as a client sees it."""

    def __init__(self, folder: Path, url: str) -> None:
        home = Home(folder, url)
        store = home.open_store()
        store.apply(FACTS)
        home.build_index(store, encode=encoder(DEFAULT))
        store.close()
        self.finder = ExpertFinder.open(home)
        self.client = Client(create_app(self.finder, self.finder.store))
        scopes = ["experts:read", "people:read", "ingest:write:acme"]
        self.key = issue_key(self.finder.store, scopes=scopes, person="acme:ada")[1]
        self.reads()

    def reads(self) -> None:
        """Every question is answered."""
        for path in ("experts?q=rivers", "people/acme:ben", "topics", "me", "people/acme:ben/expertise"):
            answer = self.client.get(f"/v1/{path}", headers=bearer(self.key))
            assert answer.status_code == 200, (path, answer.text)

    def write(self, post: Post) -> httpx.Response:
        """Send one post."""
        body = {"authors": ["ben"], "text": post.text}
        return self.client.put(f"/v1/posts/{post.id.replace(':', '/')}", json=body, headers=bearer(self.key))

    def is_away(self, post: Post) -> None:
        """Reads go on; a write is told in time to come again."""
        for _ in range(3):
            self.reads()
        began = time.monotonic()
        answer = self.write(post)
        assert time.monotonic() - began < SECONDS
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert answer.json()["type"].endswith("store-unavailable")
        self.reads()

    def is_back(self, post: Post) -> None:
        """A write is taken, once."""
        for _ in range(100):
            if self.write(post).status_code in (200, 201):
                break
            time.sleep(0.2)
        assert [change.id for change in self.finder.store.changes(0)].count(post.id) == 1
        self.finder.refresh()
        self.reads()


def test_the_service_answers_on_while_its_server_is_frozen_killed_and_started_again(
    neo4j_mortal: Server, tmp_path: Path
) -> None:
    server = neo4j_mortal
    service = Service(tmp_path / "home", address(server))
    server.freeze()
    service.is_away(NEXT[0])
    server.thaw()
    service.is_back(NEXT[0])
    server.kill()
    service.is_away(NEXT[1])
    server.start()
    service.is_back(NEXT[1])
    service.finder.close()


# --- killed in the middle of writing ---------------------------------------------------------------------------------


def test_a_server_killed_while_it_writes_loses_no_acknowledged_batch_and_keeps_none_half(
    neo4j_mortal: Server,
) -> None:
    server = neo4j_mortal
    draw = random.Random(7)
    store = open_store(address(server))
    number, acknowledged, sequence, checked, inside = 0, -1, 0, -1, 0
    for _ in range(KILLS):
        killing = threading.Timer(draw.uniform(0.3, 2.0), server.kill)
        killing.start()
        try:
            while True:
                sequence = store.apply(kill.batch(number)).sequence
                acknowledged = number
                number += 1
        except StoreUnavailable:
            inside += 1  # there is no pause between two batches
        killing.join()
        server.start()
        restart = kill.Restart(Path(), store, acknowledged, sequence, checked)
        again(store.sequence)
        for check in (kill.nothing_acknowledged_is_lost, kill.every_batch_is_whole, kill.the_log_has_no_gap):
            assert check(restart) is None
        checked = acknowledged
        assert store.apply(kill.batch(number)).count("refused") == 0, "what was not acknowledged is sent again"
        acknowledged = number
        number += 1
        sequence = store.sequence()
    assert acknowledged > KILLS
    assert inside == KILLS
    store.close()


def test_the_checks_after_a_kill_find_a_batch_that_is_half(neo4j_empty: Server) -> None:
    store = open_store(address(neo4j_empty))
    sequence = 0
    for number in range(3):
        sequence = store.apply(kill.batch(number)).sequence
    restart = kill.Restart(Path(), store, 2, sequence, -1)
    assert kill.every_batch_is_whole(restart) is None
    neo4j_empty.query("MATCH (n:Post {id: 'kill:000001-007'}) DETACH DELETE n")
    assert "batch 1 is not whole" in str(kill.every_batch_is_whole(restart))
    neo4j_empty.query("MATCH (n:Change {sequence: 300}) DELETE n")
    with pytest.raises(StoreError, match="gap"):
        kill.the_log_has_no_gap(restart)
    store.close()


def test_an_import_larger_than_one_statement_is_all_there_or_not_at_all(store: Store, wire: Wire) -> None:
    people = [Person(id=f"acme:p{n}", source="acme") for n in range(3500)]
    wire.refuses = True  # or it would be sent again, unnoticed
    wire.cut_after(400_000)
    refused(lambda: store.apply(people))
    wire.refuses = False
    wire.cut_after(None)
    assert again(lambda: store.count("person")) == sum(isinstance(fact, Person) for fact in FACTS)
    assert store.apply(people).count("added") == 3500
