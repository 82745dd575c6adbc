"""CSV with a mapping: any table, said once which column is which field."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from expertfinder.errors import SourceError
from expertfinder.model import Audience, Interaction, Person, Post
from expertfinder.sources import CsvReader, declared
from expertfinder.sources.csv import read_mapping

SHOP = declared("shop", audience="organisation")
POSTS = """
kind = "post"
[columns]
id = "No"
title = "Subject"
authors = { column = "From", separator = "|" }
created_at = { column = "Sent", format = "%d.%m.%Y" }
"audience.groups" = "For"
[constants]
kind = "ticket"
"""


def reader(folder: Path, mapping: str, table: str | bytes) -> CsvReader:
    (folder / "map.toml").write_text(mapping)
    (folder / "table.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    return CsvReader(folder / "table.csv", source=SHOP, mapping=read_mapping(folder / "map.toml"))


def test_a_table_of_posts(tmp_path: Path) -> None:
    read = reader(
        tmp_path,
        POSTS,
        'No,Subject,From,Sent,For,Price\n1,"Leaks, again",ann|bob,01.05.2024,lab,7\n\n2,Quiet,,,,\n',
    )
    leaks, quiet = read.facts()
    assert leaks == Post(
        id="shop:1",
        source="shop",
        authors=("shop:ann", "shop:bob"),
        kind="ticket",
        title="Leaks, again",
        created_at=datetime(2024, 5, 1, tzinfo=UTC),
        audience=Audience("groups", groups=("shop:lab",)),
    )
    assert quiet == Post(id="shop:2", source="shop", kind="ticket", title="Quiet", audience=SHOP.audience)
    assert read.counts.unknown_fields == {"post.column Price": 1}
    assert read.total == 3


def test_a_table_of_people_of_an_old_spreadsheet(tmp_path: Path) -> None:
    mapping = """
    kind = "person"
    delimiter = ";"
    encoding = "cp1252"
    [columns]
    id = "Id"
    name = "Name"
    skills = "Skills"
    hidden = "Hide"
    """
    read = reader(tmp_path, mapping, "Id;Name;Skills;Hide\n7;Jürgen – Ä;glue, pumps;Yes\n8;Bo;;no\n".encode("cp1252"))
    assert list(read.facts()) == [
        Person(
            id="shop:7",
            source="shop",
            name="Jürgen – Ä",
            skills=("glue", "pumps"),
            hidden=True,
            audience=SHOP.audience,
        ),
        Person(id="shop:8", source="shop", name="Bo", audience=SHOP.audience),
    ]


def test_a_table_of_interactions_with_a_value(tmp_path: Path) -> None:
    mapping = 'kind = "interaction"\n[columns]\nactor = "a"\nobject = "o"\nvalue = "v"\n[constants]\nverb = "rate"\n'
    read = reader(tmp_path, mapping, "a,o,v\nann,p1,4.5\nann,p1,4.5\n,p1,1\n")
    facts = list(read.facts())
    assert [fact.value for fact in facts if isinstance(fact, Interaction)] == [4.5, 4.5]
    assert len({fact.id for fact in facts}) == 2
    assert read.counts.unattributed == 1
    assert list(read.facts()) == facts


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    read = reader(tmp_path, 'kind = "person"\n[columns]\nid = "Id"\n', b"\xef\xbb\xbfId\n7\n")
    assert [fact.id for fact in read.facts()] == ["shop:7"]


@pytest.mark.parametrize(
    ("table", "line", "field", "detail"),
    [
        ('No,Subject,From,Sent,For\n1,"two\nlines",ann,,\n2,x,ann,2024-05-01,\n', 4, "created_at", "%d"),
        ("No,Subject,From,Sent,For\n1,x,ann,,\n,x,ann,,\n", 3, "id", "'id'"),
        ("No,Subject,From,Sent,For\n1,x,ann,,,,\n", 2, None, "7 cells for 5"),
        ("No,Subject,From,For\n", 1, "created_at", "no column 'Sent'"),
        ("No,No,Subject,From,Sent,For\n", 1, "No", "two columns"),
        ('No,Subject,From,Sent,For\n1,"x"y,ann,,\n', 2, None, "not CSV"),
        ('No,Subject,From,Sent,For\n1,"never closed,ann,,\n', 2, None, "not CSV"),
    ],
)
def test_a_mistake_is_told_by_file_line_and_field(
    tmp_path: Path, table: str | bytes, line: int, field: str | None, detail: str
) -> None:
    with pytest.raises(SourceError, match=detail) as error:
        list(reader(tmp_path, POSTS, table).facts())
    where = {"file": str(tmp_path / "table.csv"), "line": line}
    assert error.value.extras == (where if field is None else {**where, "field": field})


@pytest.mark.parametrize(("column", "cell"), [("value", "many"), ("hidden", "perhaps")])
def test_a_cell_that_is_no_number_and_no_yes_or_no_is_refused(tmp_path: Path, column: str, cell: str) -> None:
    kind = "interaction" if column == "value" else "person"
    read = reader(tmp_path, f'kind = "{kind}"\n[columns]\nid = "Id"\n{column} = "C"\n', f"Id,C\n1,{cell}\n")
    with pytest.raises(SourceError) as error:
        list(read.facts())
    assert (error.value.extras["line"], error.value.extras["field"]) == (2, column)


def test_a_cell_may_be_as_long_as_a_post(tmp_path: Path) -> None:
    read = reader(tmp_path, 'kind = "post"\n[columns]\nid = "Id"\ntext = "T"\n', f'Id,T\n1,"{"x" * 1_000_000}"\n')
    (post,) = read.facts()
    assert isinstance(post, Post)
    assert len(post.text) == 1_000_000


def test_an_empty_table_is_refused_and_a_missing_one_too(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="first row"):
        list(reader(tmp_path, POSTS, "").facts())
    read = reader(tmp_path, POSTS, "")
    (tmp_path / "table.csv").unlink()
    with pytest.raises(SourceError, match="no such file"):
        list(read.facts())


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        ("kind = 'widget'\n[columns]\nid = 'Id'", "kind"),
        ("[columns]\nid = 'Id'", "kind"),
        ("kind = 'post'", "columns"),
        ("kind = 'post'\ncolumns = 'Id'", "columns"),
        ("kind = 'post'\ntitle = 'x'\n[columns]\nid = 'Id'", "title"),
        ("kind = 'post'\ndelimiter = ''\n[columns]\nid = 'Id'", "delimiter"),
        ("kind = 'post'\nencoding = 'utf-16'\n[columns]\nid = 'Id'", "encoding"),
        ("kind = 'post'\n[columns]\nid = 'Id'\nscore = 'S'", "score"),
        ("kind = 'post'\n[columns]\nid = 'Id'\n[constants]\nsource = 'x'", "source"),
        ("kind = 'post'\n[columns]\nid = 7", "id"),
        ("kind = 'post'\n[columns]\nid = { separator = ';' }", "id"),
        ("kind = 'post'\n[columns]\nid = { column = 'Id', separator = ';' }", "id"),
        ("kind = 'post'\n[columns]\ntitle = { column = 'T', format = '%d' }", "title"),
        ("kind = 'post'\n[columns]\nauthors = { column = 'A', separator = '' }", "authors"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_by_its_entry(tmp_path: Path, mapping: str, field: str) -> None:
    with pytest.raises(SourceError) as error:
        reader(tmp_path, mapping, "Id\n1\n")
    assert error.value.extras == {"file": str(tmp_path / "map.toml"), "field": field}


def test_a_mapping_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    for text in ("kind = ", "[" * 5000, "a = " + "[" * 5000, '"\\ud800" = 1'):
        with pytest.raises(SourceError, match="TOML"):
            reader(tmp_path, text, "Id\n1\n")
