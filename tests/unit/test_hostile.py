"""Whatever bytes come in, a reader gives facts or one `SourceError`, and soon (promises X1 and X2)."""

from __future__ import annotations

import json
import time
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.errors import SourceError
from expertfinder.model import Community, Interaction, Person, Post
from expertfinder.sources import CsvReader, NativeReader, Records, declared
from expertfinder.sources.mapping import CsvMapping, read_mapping
from expertfinder.sources.native import fact_of
from expertfinder.sources.records import FIELDS, KINDS, RecordKind

SHOP = declared("shop", audience="organisation")

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["ann", "2024-05-01"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)
kinds = st.sampled_from(KINDS)


@given(kind=st.none() | kinds, line=st.binary(max_size=300))
def test_any_bytes_are_a_fact_or_a_source_error(kind: RecordKind | None, line: bytes) -> None:
    try:
        fact = fact_of(line, kind, Records(SHOP))
    except SourceError as error:
        assert error.detail
    else:
        assert fact is None or fact.id.startswith("shop:")


@given(data=st.data(), kind=kinds)
def test_any_record_is_a_fact_that_can_be_written_down_or_a_source_error(data: st.DataObject, kind: RecordKind) -> None:
    fields = st.sampled_from(sorted(FIELDS[kind])) | st.text(max_size=5)
    record = {"id": "x", "verb": "like", "object": "y", "actor": "z", **data.draw(st.dictionaries(fields, values))}
    try:
        fact = Records(SHOP).parse(kind, record)
    except SourceError as error:
        assert error.extras.get("field", "") in FIELDS[kind]
    else:
        assert fact is None or orjson.dumps(fact)  # refuses what is no Unicode


@given(content=st.binary(max_size=400))
def test_any_file_is_facts_or_a_source_error_that_names_it(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.bin"
    path.write_bytes(content)
    mapping = CsvMapping(kind="person", columns={}, constants={"id": "x"})
    for reader in (NativeReader(path, source=SHOP), CsvReader(path, source=SHOP, mapping=mapping)):
        try:
            assert all(isinstance(fact, Person | Post | Interaction | Community) for fact in reader.facts())
        except SourceError as error:
            assert error.extras["file"] == str(path)
    try:
        read_mapping(path)
    except SourceError as error:
        assert error.extras["file"] == str(path)


@given(text=st.text(max_size=200), head=st.sampled_from(["", "kind = 'post'\n", "kind = 'post'\n[columns]\n"]))
def test_any_mapping_is_one_or_a_source_error(tmp_path_factory: pytest.TempPathFactory, text: str, head: str) -> None:
    path = tmp_path_factory.mktemp("any") / "map.toml"
    path.write_text(head + text, encoding="utf-8", errors="replace")
    try:
        assert read_mapping(path).kind in KINDS
    except SourceError as error:
        assert error.extras["file"] == str(path)


BOMBS = {
    "deep lists": b"[" * 1_000_000,
    "deep objects": b'{"a":' * 200_000,
    "deep audience": b'{"id":"x","audience":' + b'{"groups":' * 900 + b"1" + b"}" * 901,
    "deep lists that end": b'{"id":"x","tags":' + b"[" * 900 + b"]" * 900 + b"}",
    "a long number": b'{"id":"x","value":' + b"9" * 1_000_000 + b"}",
    "a long exponent": b'{"id":"x","verb":"v","actor":"a","object":"o","value":1e99999}',
    "many fields": json.dumps({f"f{number}": 1 for number in range(100_000)}).encode(),
    "many labels": json.dumps({"id": "x", "tags": [f"t{number}" for number in range(100_000)]}).encode(),
    "many commas": json.dumps({"id": "x", "tags": "," * 1_000_000}).encode(),
    "white space": json.dumps({"id": "x", "title": " \t" * 500_000 + "x"}).encode(),
    "marks on one letter": json.dumps({"id": "x", "title": "a" + "\u0301\u0316" * 250_000}).encode(),
    "a date without end": json.dumps({"id": "x", "created_at": "2024-05-01T10" + ":" * 1_000_000}).encode(),
    "an address without end": json.dumps({"id": "x", "url": "https://" + "a" * 1_000_000 + " "}).encode(),
    "an account of colons": json.dumps({"id": "x", "accounts": [":" * 1900] * 500}).encode(),
    "an address of ats": json.dumps({"id": "x", "email": "@" * 1900}).encode(),
    "invisible": json.dumps({"id": "x", "title": "\u202e" * 300_000}).encode(),
    "nothing": b"\0" * 1_000_000,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_goes_off_in_nobodys_hands(bomb: str, kind: RecordKind) -> None:
    began = time.process_time()
    try:
        fact_of(BOMBS[bomb], kind, Records(SHOP))
    except SourceError as error:
        assert len(str(error)) < 500
    # X1: two seconds of computing for a megabyte. Nothing that grows with the square of its input comes near it.
    assert time.process_time() - began < 2


def test_a_bomb_in_a_table_and_in_a_mapping_too(tmp_path: Path) -> None:
    table, mapping = tmp_path / "t.csv", tmp_path / "m.toml"
    mapping.write_text("kind = 'post'\n[columns]\nid = 'Id'\n")
    for content in (
        "Id\n" + '"' * 1_000_000,
        "," * 100_000 + "Id\n",
        'Id\n"' + "x\n" * 500_000,
        "Id\n" + "a," * 500_000,
    ):
        table.write_text(content)
        began = time.process_time()
        try:
            list(CsvReader(table, source=SHOP, mapping=read_mapping(mapping)).facts())
        except SourceError as error:
            assert len(str(error)) < 500
        assert time.process_time() - began < 2
