"""One record, one fact: what is understood, what is refused and by which field, and that the schemas say the same."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from expertfinder.errors import SourceError
from expertfinder.model import NOBODY, ORGANISATION, Audience, Interaction, Person, Post
from expertfinder.sources import Records, declared
from expertfinder.sources.cleaning import is_plain, many_lines, one_line
from expertfinder.sources.records import (
    FIELDS,
    KINDS,
    TIMES,
    Occurrences,
    RecordKind,
    parse_community,
    parse_interaction,
    parse_person,
    parse_post,
)
from expertfinder.sources.times import LEFT_SOMETIME

API = Path(__file__).parents[2] / "api"
SHOP = declared("shop", audience="organisation")
NEEDED: dict[RecordKind, dict[str, object]] = {
    "person": {"id": "ann"},
    "post": {"id": "p1"},
    "interaction": {"actor": "ann", "verb": "like", "object": "p1"},
    "community": {"id": "c1"},
}


def schema(kind: RecordKind) -> dict[str, Any]:
    return json.loads((API / f"{kind}.schema.json").read_text())  # type: ignore[no-any-return]


def person(**fields: object) -> Person:
    return parse_person({"id": "ann", **fields}, source=SHOP)[0]


def post(**fields: object) -> Post:
    return parse_post({"id": "p1", **fields}, source=SHOP)[0]


def interaction(**fields: object) -> Interaction | None:
    return parse_interaction({**NEEDED["interaction"], **fields}, source=SHOP)[0]


# --- what is understood ------------------------------------------------------------------------------------------


def test_a_person_with_every_field() -> None:
    ann = person(
        name="Ann  Aalto",
        title="Engineer",
        org_unit="Lab",
        location="Oulu",
        bio="Pumps.\r\nGaskets.",
        skills=["pumps", " glue "],
        knowsAbout=["glue", "seals"],
        languages="fi, en",
        manager="bob",
        groups=["lab"],
        availability="mornings",
        time_zone="Europe/Helsinki",
        accounts=["GitHub:Ann"],
        email="Ann@Shop.example",
        left_at="2024-05-01",
        hidden=True,
        judged=False,
        kind="Bot",
        joined_at="2019-09-01",
        turned_to_by=10,
    )
    assert ann == Person(
        id="shop:ann",
        source="shop",
        name="Ann Aalto",
        title="Engineer",
        org_unit="Lab",
        location="Oulu",
        bio="Pumps.\nGaskets.",
        skills=("pumps", "glue", "seals"),
        languages=("fi", "en"),
        manager="shop:bob",
        groups=("shop:lab",),
        availability="mornings",
        time_zone="Europe/Helsinki",
        accounts=("github:ann", "email:ann@shop.example"),
        left_at=datetime(2024, 5, 1, tzinfo=UTC),
        hidden=True,
        judged=False,
        kind="machine",
        joined_at=datetime(2019, 9, 1, tzinfo=UTC),
        turned_to_by=10,
        audience=ORGANISATION,
    )


@pytest.mark.parametrize(
    ("left", "joined", "gone"),
    [
        ("2000-01-01", "2019-09-01", False),
        ("1995-03-31T12:00:00Z", "2019-09-01", False),
        ("2024-05-01", "2024-05-02", False),
        ("2024-05-01", "2019-09-01", True),
        ("2000-01-01", None, True),
        (LEFT_SOMETIME, "2019-09-01", True),
        (LEFT_SOMETIME, None, True),
    ],
)
def test_who_joined_after_the_day_of_leaving_is_back_and_whose_account_is_closed_is_not(
    left: str, joined: str | None, gone: bool
) -> None:
    assert (person(id="ann", left_at=left, joined_at=joined).left_at is not None) == gone


def test_a_post_with_every_field() -> None:
    assert post(
        authors=["ann", "anonymous", "ann"],
        kind="Answer",
        title=" Why?\n",
        text="Because\tof it.\x00",
        created_at="2024-05-01T12:00:00+02:00",
        parent="p0",
        tags=["pumps", "pumps", ""],
        community="lab",
        language="en",
        url="https://shop.example/p1",
        audience={"groups": ["lab"]},
    ) == Post(
        id="shop:p1",
        source="shop",
        authors=("shop:ann",),
        kind="answer",
        title="Why?",
        text="Because\tof it.",
        created_at=datetime(2024, 5, 1, 10, tzinfo=UTC),
        parent="shop:p0",
        tags=("pumps",),
        community="shop:lab",
        language="en",
        url="https://shop.example/p1",
        audience=Audience("groups", groups=("shop:lab",)),
    )


def test_an_interaction_with_every_field() -> None:
    fact = interaction(id="i1", verb="Rate", object="bob", object_type="person", created_at="2024-05-01", value=4)
    assert fact == Interaction(
        id="shop:i1",
        source="shop",
        actor="shop:ann",
        verb="rate",
        object="shop:bob",
        object_type="person",
        created_at=datetime(2024, 5, 1, tzinfo=UTC),
        value=4.0,
        audience=ORGANISATION,
    )


def test_a_private_community_is_its_members_and_leads() -> None:
    record = {"id": "c1", "name": "Circle", "members": ["ann"], "leads": ["bob"], "parent": "c0", "audience": "private"}
    community, ignored = parse_community(record, source=SHOP)
    assert community.audience == Audience("private", people=("shop:ann", "shop:bob"))
    assert (community.members, community.leads, community.parent) == (("shop:ann",), ("shop:bob",), "shop:c0")
    assert community.kind == "declared"
    assert ignored == ()


@pytest.mark.parametrize("kind", KINDS)
def test_null_the_empty_text_and_an_absent_field_are_the_same(kind: RecordKind) -> None:
    bare = Records(SHOP).parse(kind, NEEDED[kind])
    for field in FIELDS[kind] - NEEDED[kind].keys():
        assert Records(SHOP).parse(kind, {**NEEDED[kind], field: None}) == bare, field
    for field in (
        "created_at",
        "joined_at",
        "kind",
        "left_at",
        "manager",
        "parent",
        "url",
        "email",
        "title",
        "name",
        "object_type",
    ):
        if field in FIELDS[kind]:
            assert Records(SHOP).parse(kind, {**NEEDED[kind], field: ""}) == bare, field


@pytest.mark.parametrize("kind", KINDS)
def test_fields_that_are_not_known_are_named_and_change_nothing(kind: RecordKind) -> None:
    records = Records(SHOP)
    fact = records.parse(kind, {**NEEDED[kind], "score": 7, "verified": True, "type": "widget"})
    assert fact == Records(SHOP).parse(kind, NEEDED[kind])
    assert records.counts.unknown_fields == {f"{kind}.{name}": 1 for name in ("score", "type", "verified")}


def test_a_verb_that_is_not_known_is_kept_and_counted() -> None:
    records = Records(SHOP)
    fact = records.parse("interaction", {"actor": "ann", "verb": "Juggle", "object": "p1"})
    assert isinstance(fact, Interaction)
    assert fact.verb == "juggle"
    assert records.counts.unknown_verbs == {"juggle": 1}


def test_hostile_names_of_fields_cannot_fill_the_report() -> None:
    records = Records(SHOP)
    for number in range(5000):
        records.parse("post", {"id": "p1", f"{number}-{'x' * 500}": 1})
    assert len(records.counts.unknown_fields) <= 201
    assert sum(records.counts.unknown_fields.values()) == 5000
    assert max(map(len, records.counts.unknown_fields)) <= 80


@pytest.mark.parametrize("actor", ["anonymous", "", None])
def test_what_nobody_is_known_to_have_done_is_not_kept(actor: object) -> None:
    records = Records(SHOP)
    assert records.parse("interaction", {"actor": actor, "verb": "like", "object": "p1"}) is None
    assert records.parse("interaction", {"verb": "like", "object": "p1"}) is None
    assert records.counts.unattributed == 2


def test_a_post_that_nobody_is_known_to_have_written_is_kept_and_counted() -> None:
    records = Records(declared("shop"))
    fact = records.parse("post", {"id": "p1", "authors": ["anonymous"]})
    assert isinstance(fact, Post)
    assert fact.audience == Audience("private")
    assert (records.counts.without_author, records.counts.private_by_default) == (1, 1)


def test_an_audience_that_is_not_understood_is_for_nobody_and_counted() -> None:
    records = Records(SHOP)
    for audience in ("everyone", ["lab"], {"groups": [1]}, {"groups": ["la\u202eb"]}, {"who": "me"}, 7):
        fact = records.parse("post", {"id": "p1", "audience": audience})
        assert fact is not None
        assert fact.audience == NOBODY
    assert records.counts.unknown_audiences == 6
    assert records.counts.private_by_default == 0


def test_a_denied_group_is_the_group_however_its_id_is_spelt() -> None:
    composed, decomposed = "café", "cafe\u0301"
    ann = person(groups=[composed])
    fact = post(audience={"scope": "organisation", "deny": [f" {decomposed} "]})
    assert fact.audience.deny == ann.groups


def test_ids_that_differ_in_a_space_are_different_and_ids_that_differ_in_their_encoding_are_not() -> None:
    assert person(id="a b").id != person(id="a  b").id
    assert person(id="cafe\u0301").id == person(id="caf\u00e9").id


# --- identity of what has no id ----------------------------------------------------------------------------------


def ids(records: list[dict[str, object]]) -> list[str]:
    occurrences = Occurrences()
    facts = [parse_interaction(record, source=SHOP, occurrences=occurrences)[0] for record in records]
    return [fact.id for fact in facts if fact is not None]


def test_equal_interactions_without_an_id_are_numbered_and_the_numbers_come_again() -> None:
    like: dict[str, object] = {"actor": "ann", "verb": "like", "object": "p1"}
    first = ids([like, like, {**like, "object": "p2"}, like])
    assert len(set(first)) == 4
    assert ids([{**like, "object": "p2"}, like, like, like]) == [first[2], first[0], first[1], first[3]]


def test_the_same_content_differently_spelt_is_the_same_interaction() -> None:
    one = ids([{"actor": "ann", "verb": "Like", "object": "p1", "created_at": "2024-05-01", "value": 1}])
    same = {"value": 1.0, "object": " p1", "verb": "like", "actor": "ann", "created_at": "2024-05-01T02:00:00+02:00"}
    assert ids([same]) == one


@given(st.sampled_from(["actor", "verb", "object", "object_type", "created_at", "value"]))
def test_another_content_is_another_interaction(field: str) -> None:
    like: dict[str, object] = {"actor": "ann", "verb": "like", "object": "p1"}
    other = {"object_type": "person", "created_at": "2024-05-01", "value": 2}.get(field, "other")
    assert ids([like]) != ids([{**like, field: other}])


# --- what is refused ---------------------------------------------------------------------------------------------

WRONG: list[tuple[RecordKind, str, object]] = [
    ("person", "id", None),
    ("person", "id", "  "),
    ("person", "id", 7),
    ("person", "id", "a\x00nn"),
    ("person", "id", "a\u202enn"),
    ("person", "id", "a\nnn"),
    ("person", "id", "a\u2028nn"),
    ("person", "id", "a" + "\u0301" * 31),
    ("person", "id", "x" * 2001),
    ("person", "name", ["Ann"]),
    ("person", "name", "\ud800"),
    ("person", "skills", {"pumps": 1}),
    ("person", "skills", ["pumps", None]),
    ("person", "accounts", ["ann"]),
    ("person", "accounts", ["email: "]),
    ("person", "accounts", "email:ann@shop.example"),
    ("person", "email", "ann"),
    ("person", "left_at", 1714521600),
    ("person", "hidden", "yes"),
    ("person", "judged", 1),
    ("person", "manager", ["bob"]),
    ("person", "source", "elsewhere"),
    ("post", "authors", "ann"),
    ("post", "authors", [["ann"]]),
    ("post", "created_at", "yesterday"),
    ("post", "created_at", "2024-02-30"),
    ("post", "created_at", "2024-125"),
    ("post", "created_at", "2024-05-01T25:00:00"),
    ("post", "created_at", True),
    ("post", "url", "javascript:alert(1)"),
    ("post", "url", "https://"),
    ("post", "url", "https://shop.example/a b"),
    ("post", "tags", [1]),
    ("interaction", "verb", ""),
    ("interaction", "object", None),
    ("interaction", "object_type", "team"),
    ("interaction", "value", "4"),
    ("interaction", "value", True),
    ("interaction", "value", float("nan")),
    ("interaction", "value", 10**400),
    ("community", "members", "ann"),
    ("community", "id", ""),
]


@pytest.mark.parametrize(("kind", "field", "value"), WRONG)
def test_what_is_wrong_is_refused_by_the_name_of_its_field(kind: RecordKind, field: str, value: object) -> None:
    with pytest.raises(SourceError) as error:
        Records(SHOP).parse(kind, {**NEEDED[kind], field: value})
    assert error.value.extras == {"field": field}


@pytest.mark.parametrize("record", [None, [], "ann", 7, True])
def test_a_record_is_an_object(record: object) -> None:
    with pytest.raises(SourceError, match="object"):
        Records(SHOP).parse("person", record)
    with pytest.raises(SourceError, match="object"):
        Records(SHOP).parse_typed(record)


@pytest.mark.parametrize("type", [None, "widget", 7, ["person"]])
def test_a_typed_record_says_what_it_is(type: object) -> None:
    with pytest.raises(SourceError) as error:
        Records(SHOP).parse_typed({"id": "ann", "type": type})
    assert error.value.extras == {"field": "type"}


@pytest.mark.parametrize("name", ["", "Shop", "a:b", "-a", "a b", "é", "x" * 65, "../a"])
def test_a_source_is_named_by_one_plain_word(name: str) -> None:
    with pytest.raises(SourceError) as error:
        declared(name)
    assert error.value.extras == {"field": "source"}


def test_a_source_declares_its_audience_and_private_is_what_it_gets_otherwise() -> None:
    assert declared("shop").audience == declared("shop", audience="private").audience == Audience("private")
    assert declared("shop", audience="organisation").audience == ORGANISATION
    assert declared("shop", audience=["lab"]).audience == Audience("groups", groups=("shop:lab",))
    for nothing in ("everyone", [], [""]):
        with pytest.raises(SourceError, match="field audience"):
            declared("shop", audience=nothing)


# --- text --------------------------------------------------------------------------------------------------------


def test_a_name_that_reorders_itself_is_put_straight() -> None:
    assert person(name="nna\u202eevil\u202c\u200b\u2067 Cafe\u0301\x07\u2028x").name == "nnaevil Café x"


@given(st.text())
def test_a_line_is_one_line_of_normal_visible_text_and_cleaning_it_again_changes_nothing(text: str) -> None:
    assume(not any(unicodedata.category(char) == "Cs" for char in text))
    line = one_line(text)
    assert one_line(line) == line
    assert unicodedata.is_normalized("NFC", line)
    assert len(line.splitlines()) <= 1
    assert is_plain(line)
    assert not any(unicodedata.category(char) == "Cc" or unicodedata.bidirectional(char) in OVERRIDES for char in line)


OVERRIDES = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_more_marks_on_a_letter_than_any_language_has_are_left_out() -> None:
    assert one_line("x" + "\u0316" * 500 + "y") == "x" + "\u0316" * 30 + "y"
    piled = many_lines("x" + "\u0344" * 500)
    assert sum(unicodedata.combining(char) > 0 for char in piled) == 30
    assert many_lines(piled) == piled
    above = [chr(code) for code in range(0x20000, 0x110000) if unicodedata.combining(chr(code))]
    assert above == []


@given(st.text())
def test_a_body_keeps_its_lines_and_its_words(text: str) -> None:
    body = many_lines(text)
    assert many_lines(body) == body
    assert unicodedata.is_normalized("NFC", body)
    assert {char for char in body if unicodedata.category(char) == "Cc"} <= {"\n", "\t"}
    plain = "".join(char for char in text if char.isalnum())
    assert (
        "".join(char for char in body if char.isalnum())
        == "".join(char for char in unicodedata.normalize("NFC", text) if char.isalnum())
        or not plain.isascii()
    )


# --- the schemas -------------------------------------------------------------------------------------------------


class Watched(Mapping[str, object]):
    """A record that remembers which of its fields were asked for."""

    def __init__(self, fields: dict[str, object]) -> None:
        self.fields = fields
        self.asked: set[str] = set()

    def __getitem__(self, field: str) -> object:
        self.asked.add(field)
        return self.fields[field]

    def get(self, field: str, default: object = None) -> object:
        self.asked.add(field)
        return self.fields.get(field, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_the_schema_is_read_and_every_field_that_is_read_is_in_the_schema(kind: RecordKind) -> None:
    record = Watched(NEEDED[kind])
    Records(SHOP).parse(kind, record)
    assert record.asked == set(schema(kind)["properties"]) == FIELDS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_the_schema_is_described(kind: RecordKind) -> None:
    Draft202012Validator.check_schema(schema(kind))
    for field, properties in schema(kind)["properties"].items():
        assert properties.get("description"), field


def valid(part: dict[str, Any], field: str) -> st.SearchStrategy[Any]:
    """Values that this part of a schema allows."""
    if "const" in part:
        return st.just(part["const"])
    if "enum" in part:
        return st.sampled_from(part["enum"])
    if "anyOf" in part:
        return st.one_of([valid(each, field) for each in part["anyOf"]])
    if field in TIMES:  # a pattern cannot count the days of a month
        moments = st.datetimes(timezones=st.sampled_from([UTC, None])).map(datetime.isoformat)
        return st.none() | st.dates().map(str) | moments
    types = part["type"] if isinstance(part["type"], list) else [part["type"]]
    words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=part.get("minLength", 0))
    text = (
        st.from_regex(part["pattern"], alphabet=st.characters(min_codepoint=33, max_codepoint=126))
        if "pattern" in part
        else words
    )
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "null": st.none(),
        "string": text,
        "boolean": st.booleans(),
        "integer": st.integers(part.get("minimum", -(10**6)), part.get("maximum", 10**6)),
        "number": st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False),
        "array": st.lists(valid(part["items"], ""), max_size=3) if "items" in part else st.nothing(),
        "object": st.fixed_dictionaries(
            {}, optional={name: valid(each, "") for name, each in part.get("properties", {}).items()}
        ),
    }
    return st.one_of([kinds[name] for name in types])


def valid_records(kind: RecordKind) -> st.SearchStrategy[dict[str, Any]]:
    properties = {name: valid(part, name) for name, part in schema(kind)["properties"].items()}
    properties["source"] = st.sampled_from([None, "shop"])  # the schema cannot know which source is imported
    needed = schema(kind)["required"]
    return st.fixed_dictionaries(
        {name: properties.pop(name) for name in needed}, optional={**properties, "unheard_of": st.integers()}
    )


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_what_the_schema_allows_is_read(kind: RecordKind, data: st.DataObject) -> None:
    record = data.draw(valid_records(kind))
    Draft202012Validator(schema(kind)).validate(record)
    records = Records(SHOP)
    fact = records.parse(kind, record)
    assert fact is not None or not (record.get("actor") or "").strip() or record["actor"].strip() == "anonymous"
    assert set(records.counts.unknown_fields) <= {f"{kind}.unheard_of"}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_what_the_schema_forbids_is_refused_by_the_name_of_its_field(kind: RecordKind, data: st.DataObject) -> None:
    parts = schema(kind)["properties"]
    field = data.draw(st.sampled_from(sorted(parts.keys() - {"type", "audience"})))
    value = data.draw(st.sampled_from([True, 7, 0.5, "\u0007", "x", [], [7], [None], {}, {"a": "b"}, None, "7"]))
    assume(not Draft202012Validator(parts[field]).is_valid(value))
    with pytest.raises(SourceError) as error:
        Records(SHOP).parse(kind, {**NEEDED[kind], field: value})
    assert error.value.extras == {"field": field}


@pytest.mark.parametrize("kind", KINDS)
@given(value=st.sampled_from([True, 7, "x", [], ["organisation"], {"groups": "lab"}, {"who": []}, {"scope": "x"}]))
def test_an_audience_that_the_schema_forbids_is_for_nobody(kind: RecordKind, value: object) -> None:
    assert not Draft202012Validator(schema(kind)["properties"]["audience"]).is_valid(value)
    fact = Records(SHOP).parse(kind, {**NEEDED[kind], "audience": value})
    assert fact is not None
    assert fact.audience == NOBODY
