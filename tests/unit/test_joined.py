"""Who is who after an import, told in parts: the same as of all records together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores.model_store import ModelStore

from expertfinder.identity import Decision, ambiguous_names
from expertfinder.ingest import joined
from expertfinder.ingest.joined import met
from expertfinder.model import ORGANISATION, Audience, Person, Source
from expertfinder.store import Verdict, Visibility, who_is_who

AT = datetime(2024, 5, 1, tzinfo=UTC)
SOURCES = ("hr", "wiki", "chat")
KEYS = (
    *(f"employee:{number}" for number in range(1, 4)),
    *(f"email:{name}@x.example" for name in ("ann.aalto", "ben.berg", "desk")),
    *("github:ann", "email:7+ann@users.noreply.github.com", "github-number:7", "slack:u1"),
)
NAMES = ("Ann Aalto", "ann  AALTO", "Ben Berg", "Cem Celik", "Dana Dahl", "")
RECORDS = tuple(f"{source}:{number}" for source in SOURCES for number in range(4))
AUTHORS = (*RECORDS, "wiki:Annie", "git:ann.aalto@x.example", "git:github:ann", "git:nobody@else.example")


def _person(record: str, keys: tuple[str, ...], name: str, marks: tuple[int, int, int]) -> Person:
    lab, kind, hidden = marks
    return Person(
        id=record,
        source=record.partition(":")[0],
        name=name,
        accounts=keys,
        kind="machine" if not kind else "person",
        hidden=not hidden,
        audience=ORGANISATION if lab else Audience("groups", groups=("hr:lab",)),
    )


keys = st.lists(st.sampled_from(KEYS), max_size=3, unique=True).map(tuple)
marks = st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 6))
people = st.lists(
    st.builds(_person, st.sampled_from(RECORDS), keys, st.sampled_from(NAMES), marks),
    unique_by=lambda record: record.id,
    max_size=12,
)
sources = st.builds(
    lambda directory, proves: [
        Source(id=name, directory=directory and name == "hr", proves=proves if name == "wiki" else ())
        for name in SOURCES
    ],
    st.booleans(),
    st.sampled_from([(), ("email",), ("employee", "github")]),
)
verdicts: st.SearchStrategy[Literal["join", "part"]] = st.sampled_from(["join", "part"])
decisions = st.lists(
    st.builds(Decision, verdicts, st.sampled_from(AUTHORS), st.sampled_from(RECORDS)),
    max_size=2,
    unique_by=lambda one: (one.one, one.other),
)


@given(people, sources, decisions, st.sets(st.sampled_from(AUTHORS)), st.sets(st.sampled_from(RECORDS)))
def test_people_told_in_parts_are_those_told_together(
    records: list[Person], of: list[Source], decided: list[Decision], named: set[str], some: set[str]
) -> None:
    store = ModelStore()
    store.apply([*of, *records])
    for decision in decided:
        store.state(Verdict(verdict=decision.verdict, one=decision.one, other=decision.other, by="prompt", at=AT))
    for record in sorted(some)[:2]:
        store.state(Visibility(person=record, seen_by="nobody", at=AT))
    everybody, who = who_is_who(store)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joined, "AT_ONCE", 1)
        found = met(store, named, some.__contains__)
    assert found.unknown == sum(who.author(name) is None for name in named)
    assert found.ambiguous == len(ambiguous_names(everybody, who.identity))
    assert found.joins == tuple(join for join in who.joins if not some.isdisjoint(join.records))
