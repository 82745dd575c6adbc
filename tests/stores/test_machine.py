"""One contract, every home (promise C5): the same random life for a real home and the model, compared at each step."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.sizes import size
from tests.stores.homes import HOMES, REAL, ModelHome, new_home

from expertfinder.errors import Conflict
from expertfinder.model import Audience, Community, Fact, Interaction, Person, Post, Source
from expertfinder.store import AuditEntry, Key, Kind, Verdict

LIVES = {
    "sqlite": (size("C5 lives"), size("C5 steps")),
    "neo4j": (size("C5 server lives"), size("C5 server steps")),
}
"""How many lives of how many steps each home lives."""
MEMORY = Path("/dev/shm")  # what is compared here is meaning, so the facts need not reach a disk where there is memory

KINDS: tuple[Kind, ...] = ("source", "person", "community", "post", "interaction")
PEOPLE = ("demo:ann", "demo:bob", "demo:cem", "demo:ann2", "demo:ann2@x.example", 'demo:"dî\\')
GROUPS = ("demo:board", "demo:builders")
POSTS = ("demo:1", "demo:2", "demo:3", "demo:ann/4")

person = st.sampled_from(PEOPLE)
people = st.lists(person, max_size=3, unique=True).map(tuple)
groups = st.lists(st.sampled_from(GROUPS), max_size=2, unique=True).map(tuple)
text = st.one_of(st.sampled_from(["", "river", "demo:ann", "\0", "ß\u2028🌉"]), st.text(max_size=5))
times = st.one_of(st.none(), st.datetimes(timezones=st.just(UTC)))
audiences = st.builds(
    Audience,
    st.sampled_from(["organisation", "groups", "private", "nobody"]),
    groups=groups,
    people=people,
    deny=st.lists(st.sampled_from((*PEOPLE, *GROUPS)), max_size=2).map(tuple),
)
source = st.just("demo")
accounts = st.lists(st.sampled_from(["email:ann2@x.example", "employee:1", "chat:b"]), max_size=2, unique=True).map(
    tuple
)
facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(Source, id=st.sampled_from(["demo", "wiki"]), audience=audiences, description=text),
    st.builds(
        Person,
        id=person,
        source=source,
        name=text,
        skills=st.lists(text, max_size=2).map(tuple),
        accounts=accounts,
        manager=st.sampled_from(("", *PEOPLE)),
        groups=groups,
        joined_at=times,
        left_at=times,
        kind=st.sampled_from(["person", "machine", "shared"]),
        hidden=st.booleans(),
        judged=st.sampled_from([None, True, False]),
        turned_to_by=st.sampled_from([0, 5]),
        audience=audiences,
    ),
    st.builds(
        Post,
        id=st.sampled_from(POSTS),
        source=source,
        authors=people,
        text=text,
        created_at=times,
        parent=st.sampled_from(("", *POSTS)),
        audience=audiences,
    ),
    st.builds(
        Interaction,
        id=st.sampled_from(["demo:i1", "demo:i2", "demo:i3", "demo:i4"]),
        source=source,
        actor=person,
        verb=st.sampled_from(["like", "thank"]),
        object=st.sampled_from((*POSTS, *PEOPLE)),
        object_type=st.sampled_from(["post", "person"]),
        value=st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
        audience=audiences,
    ),
    st.builds(Community, id=st.sampled_from(GROUPS), source=source, members=people, leads=people, audience=audiences),
)
batches = st.lists(facts, max_size=8)
ids = st.lists(st.sampled_from((*PEOPLE, *POSTS, *GROUPS, "demo:i1", "demo", "none")), max_size=4)


class TwoStores(RuleBasedStateMachine):
    """A real home and the model live the same life."""

    home_name: str

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="two-stores-", dir=MEMORY if MEMORY.is_dir() else None))
        self.home = HOMES[self.home_name](self.folder)
        self.real = self.home.open()
        self.model = ModelHome(self.folder).open()
        self.seconds = count()
        self.last: list[Fact] = []

    @rule(batch=batches)
    def apply(self, batch: list[Fact]) -> None:
        assert self.real.apply(batch) == self.model.apply(batch)
        self.last = batch

    @rule(order=st.randoms(use_true_random=False))
    def apply_the_last_batch_again_in_another_order(self, order: object) -> None:
        once = list({(type(fact), fact.id): fact for fact in self.last}.values())
        order.shuffle(once)  # type: ignore[attr-defined]
        again = self.real.apply(once)
        assert again == self.model.apply(once)
        self.last = once

    @rule(batch=st.lists(facts, min_size=1, max_size=3))
    def apply_each_twice_in_one_batch(self, batch: list[Fact]) -> None:
        assert self.real.apply([*batch, *batch]) == self.model.apply([*batch, *batch])

    @rule(kind=st.sampled_from(KINDS), chosen=ids)
    def delete(self, kind: Kind, chosen: list[str]) -> None:
        assert self.real.delete(kind, chosen) == self.model.delete(kind, chosen)

    @rule(who=person, hidden=st.booleans())
    def hide(self, who: str, hidden: bool) -> None:
        assert self.real.hide(who, hidden=hidden) == self.model.hide(who, hidden=hidden)

    @rule(who=person, keys=accounts)
    def erase(self, who: str, keys: tuple[str, ...]) -> None:
        assert self.real.erase(who, keys=keys) == self.model.erase(who, keys=keys)

    @rule(one=person, other=person, by=person, join=st.booleans(), kept=st.booleans())
    def decide(self, one: str, other: str, by: str, join: bool, kept: bool) -> None:
        at = datetime.fromtimestamp(next(self.seconds), UTC)
        said = Verdict(verdict="join" if join else "part", one=one, other=other, by=by, at=at)
        outcomes = []
        for store in (self.real, self.model):
            try:
                outcomes.append(store.state(said) if kept else store.retract(said))
            except Conflict:
                outcomes.append(-1)
        assert outcomes[0] == outcomes[1]

    @rule()
    def scrub(self) -> None:
        assert self.real.scrub() == self.model.scrub()

    @rule(name=st.sampled_from(["k1", "k2"]), who=st.one_of(st.none(), person), revoked=st.booleans())
    def put_key(self, name: str, who: str | None, revoked: bool) -> None:
        at = datetime.fromtimestamp(next(self.seconds), UTC)
        key = Key(id=name, digest="0", scopes=("find",), person=who, created_at=at, expires_at=at, revoked=revoked)
        outcomes = []
        for store in (self.real, self.model):
            try:
                store.put_key(key)
                outcomes.append("kept")
            except Conflict:
                outcomes.append("refused")
        assert outcomes[0] == outcomes[1]

    @rule(actor=person, subject=person, detail=st.sampled_from(["", "demo:ann, demo:ann2 (demo:bob)"]))
    def write_audit(self, actor: str, subject: str, detail: str) -> None:
        at = datetime.fromtimestamp(next(self.seconds), UTC)
        for store in (self.real, self.model):
            store.write_audit(AuditEntry(at=at, actor=actor, event="explain", subject=subject, detail=detail))

    @rule()
    def reopen(self) -> None:
        self.real.close()
        self.real = self.home.open()

    @rule(share=st.floats(0, 1), limit=st.integers(0, 5))
    def read_changes_since(self, share: float, limit: int) -> None:
        since = int(share * self.model.sequence())
        mine = [(line.sequence, line.operation, line.kind) for line in self.real.changes(since, limit=limit)]
        assert mine == [(line.sequence, line.operation, line.kind) for line in self.model.changes(since, limit=limit)]

    @invariant()
    def look_the_same(self) -> None:
        backwards = (*reversed((*PEOPLE, *POSTS, *GROUPS)), "demo:i2", "wiki")
        names = Renamed(), Renamed()  # each store has tokens of its own
        for kind in KINDS:
            assert list(self.real.all(kind)) == list(self.model.all(kind))  # type: ignore[call-overload]
            assert self.real.get(kind, backwards) == self.model.get(kind, backwards)  # type: ignore[call-overload]
            assert self.real.count(kind) == self.model.count(kind)
            assert self.real.forgotten(kind, backwards) == self.model.forgotten(kind, backwards)
        assert self.real.sequence() == self.model.sequence()
        assert self.real.keys() == self.model.keys()
        told = [
            [replace(said, by="" if said.by.startswith("erased:") else said.by) for said in store.statements(Verdict)]
            for store in (self.real, self.model)
        ]
        assert told[0] == told[1]
        assert self.real.key("k1") == self.model.key("k1")
        mine, other = (
            [replace(line, id=name.of(line.id)) for line in store.changes(0)]
            for store, name in zip((self.real, self.model), names, strict=True)
        )
        assert mine == other
        for subject in (None, *PEOPLE):
            mine_seen, other_seen = (
                [
                    replace(
                        line, actor=name.of(line.actor), subject=name.of(line.subject), detail=name.within(line.detail)
                    )
                    for line in store.audit(subject=subject)
                ]
                for store, name in zip((self.real, self.model), names, strict=True)
            )
            assert mine_seen == other_seen

    def teardown(self) -> None:
        self.real.close()
        shutil.rmtree(self.folder)


class Renamed:
    """Tokens by the order in which they are met, so that two stores with other salts can be compared."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def of(self, name: str) -> str:
        return self.known.setdefault(name, f"erased:{len(self.known)}") if name.startswith("erased:") else name

    def within(self, detail: str) -> str:
        return " ".join(self.of(word.strip("(),")) for word in detail.split())


@pytest.mark.parametrize("name", REAL)
def test_a_real_home_lives_every_life_like_the_model(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    new_home(name, tmp_path, request)  # what it needs is there before the first life
    machine = type("TwoStoresHere", (TwoStores,), {"home_name": name})
    lives, steps = LIVES[name]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=lives, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
