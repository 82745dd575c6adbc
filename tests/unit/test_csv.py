"""CSV with a mapping: any table, said once which column is which field."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.errors import SourceError
from expertfinder.model import Audience, Interaction, Person, Post
from expertfinder.sources import CsvReader, NativeReader, declared
from expertfinder.sources.csv import fitting
from expertfinder.sources.mapping import read_mapping, shipped_mappings
from expertfinder.sources.records import TIMES

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
        ("No,Subject,From,Sent,For\n1,x,ann,,,,y\n", 2, None, "7 cells for 5"),
        ("No,Subject,From,For\n", 1, "created_at", "no column 'Sent', .*; the file has 'No', 'Subject', 'From', 'For'"),
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


# --- tables as they are -----------------------------------------------------------------------------------------------

PERSON = 'kind = "person"\n[columns]\nid = "Id"\n'
BASE = 'kind = "post"\n[columns]\nid = "Id"\n'


def test_names_in_several_columns_are_joined_and_authors_in_several_are_all_authors(tmp_path: Path) -> None:
    names = PERSON + 'name = { columns = ["First", "Last"] }\n'
    people = reader(tmp_path, names, "Id,First,Last\n1,Ann,Aalto\n2,,Bo\n3,,\n").facts()
    assert [fact.name for fact in people if isinstance(fact, Person)] == ["Ann Aalto", "Bo", ""]
    authors = BASE + 'authors = { columns = ["By", "Last by"], separator = ";" }\n'
    posts = reader(tmp_path, authors, "Id,By,Last by\n1,ann,bob;ann\n2,,bob\n").facts()
    assert [fact.authors for fact in posts if isinstance(fact, Post)] == [("shop:ann", "shop:bob"), ("shop:bob",)]


@pytest.mark.parametrize(
    ("format", "cell", "day"),
    [
        ('"excel"', "45782", (2025, 5, 5)),
        ('"excel"', "45782,5", (2025, 5, 5)),
        ('"excel-1904"', "44320.25", (2025, 5, 5)),
        ('["%d.%m.%Y", "iso"]', "05.05.2025", (2025, 5, 5)),
        ('["%d.%m.%Y", "iso"]', "2025-05-05T10:00:00Z", (2025, 5, 5)),
        ('["iso", "excel"]', "45782", (2025, 5, 5)),
        ('["iso"]', "0000-00-00", None),
    ],
)
def test_dates_in_several_formats_and_as_spreadsheets_count_them(
    tmp_path: Path, format: str, cell: str, day: tuple[int, int, int] | None
) -> None:
    read = reader(tmp_path, BASE + f'created_at = {{ column = "At", format = {format} }}\n', f'Id,At\n1,"{cell}"\n')
    (post,) = read.facts()
    assert isinstance(post, Post)
    at = post.created_at
    assert (None if at is None else (at.year, at.month, at.day)) == day


def test_html_in_a_cell_is_the_text_that_a_reader_sees(tmp_path: Path) -> None:
    body = '<p class=""lead"">Gears &amp; cams</p><script>alert(1)</script><ul><li>hob<li>shape</ul>a<b>b</b>'
    read = reader(tmp_path, BASE + 'text = { column = "T", html = true }\n', f'Id,T\n1,"{body}"\n2,a &lt; b\n')
    assert [fact.text for fact in read.facts() if isinstance(fact, Post)] == ["Gears & cams\nhob\nshape\nab", "a < b"]


def test_a_cell_can_mean_another_value_and_a_number_becomes_an_account(tmp_path: Path) -> None:
    sort = 'kind = { column = "Sort", values = { Service = "machine" } }\n'
    mapping = PERSON + sort + 'accounts = { column = "No", prefix = "employee:" }\n'
    robot, ann = reader(tmp_path, mapping, "Id,Sort,No\n1,service,\n2,Staff,7\n").facts()
    assert isinstance(robot, Person)
    assert isinstance(ann, Person)
    assert (robot.kind, ann.kind, ann.accounts) == ("machine", "person", ("employee:7",))


def test_columns_of_one_name_are_one_list_and_columns_that_may_be_missing_are(tmp_path: Path) -> None:
    title = 'title = { column = "T", or = ["Title"], optional = true }\n'
    mapping = BASE + 'tags = "Label"\n' + title + 'url = { column = "U", optional = true }\n'
    (post,) = reader(tmp_path, mapping, "Id,Label,Label,Title\n1,a,b,Leaks\n").facts()
    assert isinstance(post, Post)
    assert (post.tags, post.title, post.url) == (("a", "b"), "Leaks", "")


@pytest.mark.parametrize(
    "table", ["Id;T\n1;x\n", "Id\tT\n1\tx\n", "#TYPE Object\nId,T\n1,x\n", "sep=|\nId|T\n1|x\n", "Id,T,,\n1,x,,,\n"]
)
def test_a_delimiter_that_the_first_line_shows_and_what_programs_put_before_it_are_understood(
    tmp_path: Path, table: str
) -> None:
    (post,) = reader(tmp_path, BASE + 'title = "T"\n', table).facts()
    assert isinstance(post, Post)
    assert post.title == "x"


def test_an_error_names_what_may_have_been_meant_and_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'Titel'.*\(is 'Title' meant\?\); the file has 'Id', 'Title'"):
        list(reader(tmp_path, BASE + 'title = "Titel"\n', "Id,Title\n").facts())
    with pytest.raises(SourceError, match=r"'autors' \(is 'authors' meant\?\); its fields are 'audience.deny'"):
        reader(tmp_path, BASE + 'autors = "A"\n', "")
    with pytest.raises(SourceError, match="no such mapping; ready ones are active-directory-users"):
        read_mapping(Path("nonsense"))


@pytest.mark.parametrize("name", shipped_mappings())
def test_every_ready_mapping_reads_a_table_with_its_columns_and_with_the_fewest(tmp_path: Path, name: str) -> None:
    mapping = read_mapping(Path(name))
    for optional in (True, False):
        wanted = [column for column in mapping.columns.values() if optional or not column.optional]
        header = list(dict.fromkeys(each for column in wanted for each in column.names))
        bare = {name for field in (*TIMES, "url") if field in mapping.columns for name in mapping.columns[field].names}
        (tmp_path / "t.csv").write_text(
            f"{','.join(header)}\n{','.join('' if each in bare else 'x@y.example' for each in header)}\n"
        )
        (fact,) = CsvReader(tmp_path / "t.csv", source=SHOP, mapping=mapping).facts()
        assert fact.id == "shop:x@y.example"


# --- what cannot be read ----------------------------------------------------------------------------------------------


@given(st.lists(st.booleans(), max_size=12), st.integers(0, 12))
def test_records_that_cannot_be_read_are_left_out_and_listed_up_to_the_number_that_is_allowed(
    tmp_path_factory: pytest.TempPathFactory, good: list[bool], most: int
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    bad = [number for number, fine in enumerate(good) if not fine]
    (folder / "m.toml").write_text(BASE + 'created_at = "At"\n')
    rows = "".join(f"{number},{'2025-05-05' if fine else 'soon'}\n" for number, fine in enumerate(good))
    (folder / "t.csv").write_text(f"Id,At\n{rows}")
    (folder / "posts.jsonl").write_text(
        "".join(f'{{"id": "{number}", "tags": {"[]" if fine else "7"}}}\n' for number, fine in enumerate(good))
    )
    readers = (
        CsvReader(folder / "t.csv", source=SHOP, mapping=read_mapping(folder / "m.toml"), skip=most),
        NativeReader(folder, source=SHOP, skip=most),
    )
    for each, first in zip(readers, (2, 1), strict=True):
        if len(bad) > most:
            with pytest.raises(SourceError) as error:
                list(each.facts())
            assert error.value.extras["line"] == bad[most] + first
        else:
            facts = list(each.facts())
            assert [fact.id for fact in facts] == [f"shop:{number}" for number, fine in enumerate(good) if fine]
            assert each.counts.unreadable == len(bad) == len(each.counts.unread)
            assert all(f"line {number + first}" in line for number, line in zip(bad, each.counts.unread, strict=True))


def test_a_table_whose_head_is_wrong_is_refused_however_many_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(BASE + 'title = "T"\n')
    (tmp_path / "t.csv").write_text("Id\n1\n")
    with pytest.raises(SourceError, match="no column 'T'"):
        list(CsvReader(tmp_path / "t.csv", source=SHOP, mapping=read_mapping(tmp_path / "m.toml"), skip=99).facts())


def test_ready_mappings_that_fit_a_table_are_found_by_its_first_row_those_of_most_fields_first(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    for name in shipped_mappings():
        columns = read_mapping(Path(name)).columns.values()
        table.write_text(",".join(dict.fromkeys(each for column in columns for each in column.names)) + "\n")
        found = fitting(table)
        assert set(found[name]) == set(read_mapping(Path(name)).columns)
        assert list(map(len, found.values())) == sorted(map(len, found.values()), reverse=True)
    table.write_text("Fruit,Colour\nplum,blue\n")
    assert fitting(table) == fitting(tmp_path / "nowhere.csv") == {}


def test_a_broken_row_hides_no_ready_mapping(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text('Employee ID,Hire Date\n1,"on a "sunny" day"\n')
    assert fitting(table)["hr-people"] == ["id", "joined_at", "accounts"]
