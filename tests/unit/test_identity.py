"""One human, several accounts: joined by keys, in whatever order they come, and never by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.identity import ambiguous_names, identities, is_personal, merged
from expertfinder.model import ORGANISATION, Audience, Person

MAY = datetime(2024, 5, 1, tzinfo=UTC)
JUNE = datetime(2024, 6, 1, tzinfo=UTC)


def person(id: str, *accounts: str, name: str = "", audience: Audience = ORGANISATION) -> Person:
    return Person(id=id, source=id.partition(":")[0], name=name, accounts=accounts, audience=audience)


records = st.lists(
    st.builds(
        lambda number, keys, audience: person(f"s:{number}", *(f"k:{key}" for key in keys), audience=audience),
        st.integers(0, 8),
        st.lists(st.integers(0, 5), max_size=3),
        st.sampled_from([ORGANISATION, Audience("groups", groups=("s:lab",))]),
    ),
    unique_by=lambda record: record.id,
    max_size=9,
)


def test_records_with_a_common_key_are_one_person_known_by_the_smallest_id() -> None:
    people = [person("git:ann", "email:ann@x.example"), person("chat:7", "email:Ann@X.example ")]
    assert identities(people) == {"git:ann": "chat:7", "chat:7": "chat:7"}


def test_keys_join_along_a_chain() -> None:
    people = [person("a:1", "k:1"), person("b:1", "k:1", "k:2"), person("c:1", "k:2")]
    assert set(identities(people).values()) == {"a:1"}


def test_a_name_alone_joins_nobody() -> None:
    people = [person("a:1", name="Ann Aalto"), person("b:1", name="Ann Aalto")]
    assert identities(people) == {"a:1": "a:1", "b:1": "b:1"}


def test_records_of_different_audiences_are_not_joined() -> None:
    secret = Audience("groups", groups=("s:lab",))
    people = [person("a:1", "k:1"), person("b:1", "k:1", audience=secret)]
    assert identities(people) == {"a:1": "a:1", "b:1": "b:1"}


@pytest.mark.parametrize(
    "account",
    [
        "",
        " ",
        "email:",
        "email:@x.example",
        "email:noreply@x.example",
        "email:ROOT@x.example",
        "email:ann@localhost",
        ":7",
    ],
)
def test_a_key_that_is_nobodys_own_joins_nobody(account: str) -> None:
    assert not is_personal(account)
    assert identities([person("a:1", account), person("b:1", account)]) == {"a:1": "a:1", "b:1": "b:1"}


@pytest.mark.parametrize("account", ["email:ann@x.example", "github:root", "email:7+ann@users.noreply.x.example"])
def test_a_key_of_ones_own_joins(account: str) -> None:
    assert is_personal(account)
    assert identities([person("a:1", account), person("b:1", account)]) == {"a:1": "a:1", "b:1": "a:1"}


@given(records, st.randoms())
def test_the_order_of_the_records_makes_no_difference(people: list[Person], random: object) -> None:
    shuffled = list(people)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert identities(shuffled) == identities(people)


@given(records)
def test_two_records_are_one_person_exactly_when_a_chain_of_keys_joins_them(people: list[Person]) -> None:
    person_of = identities(people)
    reached = {record.id: {record.id} for record in people}
    for _ in people:  # as many steps as the longest chain can have
        for one in people:
            for other in people:
                if one.audience == other.audience and set(one.accounts) & set(other.accounts):
                    reached[one.id] |= reached[other.id]
    assert person_of == {id: min(same) for id, same in reached.items()}


@given(records)
def test_taking_a_key_back_undoes_what_it_joined(people: list[Person]) -> None:
    without = [replace(record, accounts=()) for record in people]
    assert identities(without) == {record.id: record.id for record in people}


def test_a_merged_person_has_the_first_word_of_every_field_and_all_of_every_list() -> None:
    one = Person(id="a:1", source="a", title="Engineer", skills=("pumps",), groups=("a:lab",), audience=ORGANISATION)
    two = Person(id="b:1", source="b", name="Ann", title="Boss", skills=("glue", "pumps"), judged=False, left_at=MAY)
    person = merged([two, one])
    assert (person.id, person.source, person.name, person.title) == ("a:1", "a", "Ann", "Engineer")
    assert person.skills == ("pumps", "glue")
    assert person.groups == ("a:lab",)
    assert person.audience == ORGANISATION
    assert person.judged is False


def test_a_person_is_hidden_when_one_record_is_and_gone_when_all_are() -> None:
    stays = Person(id="a:1", source="a", hidden=True)
    left = Person(id="b:1", source="b", left_at=MAY)
    assert merged([stays, left]).hidden
    assert merged([stays, left]).left_at is None
    assert merged([replace(stays, left_at=JUNE), left]).left_at == JUNE
    assert merged([left]).judged is None


def test_a_name_that_several_persons_carry_is_told_and_one_persons_records_are_not() -> None:
    people = [
        person("a:1", "k:1", name="Ann Aalto"),
        person("b:1", "k:1", name="Ann Aalto"),
        person("c:1", name="ann  AALTO"),
        person("d:1", name="Bob"),
        person("e:1"),
        person("f:1"),
    ]
    assert ambiguous_names(people) == {"ann aalto": ("a:1", "c:1")}
