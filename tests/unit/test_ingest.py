"""An import is checked whole, written whole, and changes nothing the second time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.errors import Conflict, SourceError, StoreUnavailable
from expertfinder.ingest import How, Report, Tally, ingest
from expertfinder.ingest.retention import Retention
from expertfinder.ingest.withdrawal import withdraw
from expertfinder.model import ORGANISATION, Audience, Fact, Interaction, Person, Post, Source
from expertfinder.sources import Counts, NativeReader, declared
from expertfinder.store import Receipt
from expertfinder.store.sqlite.store import SQLiteStore

SHOP = declared("shop", audience="organisation")
ANN = {"id": "ann", "name": "Ann", "accounts": ["staff:1"]}
BOB = {"id": "bob", "name": "Bob"}
FIRST = {"id": "p1", "authors": ["ann"], "title": "Pumps"}
SECOND = {"id": "p2", "authors": ["bob"], "title": "Glue", "audience": {"groups": ["lab"]}}
LIKE = {"actor": "bob", "verb": "like", "object": "p1"}
NOTHING = Tally()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    store = SQLiteStore(tmp_path / "record.db")
    yield store
    store.close()


class Given:
    """A reader of facts that are at hand."""

    def __init__(self, source: Source, *facts: Fact) -> None:
        self.source = source
        self.counts = Counts()
        self.total: int | None = None
        self.files: tuple[Path, ...] = ()
        self._facts = facts

    def facts(self) -> Iterator[Fact]:
        yield from self._facts


class FullStore(SQLiteStore):
    """A store whose disk has just gone away."""

    def apply_parts(self, parts: Iterable[Sequence[Fact]], *, told: Callable[[Receipt], None]) -> None:
        super().apply_parts(chain(parts, self._away()), told=told)

    def _away(self) -> Iterator[Sequence[Fact]]:
        raise StoreUnavailable("the disk is away")
        yield  # type: ignore[unreachable]


def export(folder: Path, source: Source = SHOP, **files: list[dict[str, object]]) -> NativeReader:
    folder.mkdir(exist_ok=True)
    for name, records in files.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return NativeReader(folder, source=source)


def everything(store: SQLiteStore) -> list[Fact]:
    facts: list[Fact] = []
    for kind in ("source", "person", "community", "post", "interaction"):
        facts += store.all(kind)  # type: ignore[call-overload]
    return facts


def tallies(report: Report) -> dict[str, Tally]:
    return {kind: tally for kind, tally in report.kinds.items() if tally != NOTHING}


def test_an_import_says_what_became_of_each_kind(store: SQLiteStore, tmp_path: Path) -> None:
    report = ingest(store, export(tmp_path / "e", people=[ANN, BOB], posts=[FIRST, SECOND], interactions=[LIKE, LIKE]))
    assert tallies(report) == {
        "person": Tally(read=2, added=2),
        "post": Tally(read=2, added=2),
        "interaction": Tally(read=2, added=2),
    }
    assert report.source == SHOP == store.get("source", ["shop"])[0]
    assert report.sequence == store.sequence() == 7
    assert report.seconds >= 0


def test_running_it_again_changes_nothing(store: SQLiteStore, tmp_path: Path) -> None:
    first = ingest(store, export(tmp_path / "e", people=[ANN], posts=[FIRST], interactions=[LIKE, LIKE]))
    before = everything(store)
    again = ingest(store, export(tmp_path / "e"))
    assert again.sequence == first.sequence
    assert everything(store) == before
    assert tallies(again) == {
        "person": Tally(read=1, unchanged=1),
        "post": Tally(read=1, unchanged=1),
        "interaction": Tally(read=2, unchanged=2),
    }


def test_a_later_export_adds_and_changes_only_what_is_new(store: SQLiteStore, tmp_path: Path) -> None:
    ingest(store, export(tmp_path / "e", people=[ANN, BOB], posts=[FIRST]))
    report = ingest(store, export(tmp_path / "e", people=[ANN, {**BOB, "title": "Boss"}], posts=[FIRST, SECOND]))
    assert tallies(report) == {
        "person": Tally(read=2, changed=1, unchanged=1),
        "post": Tally(read=2, added=1, unchanged=1),
    }


def test_a_bad_record_means_that_nothing_is_written(store: SQLiteStore, tmp_path: Path) -> None:
    reader = export(tmp_path / "e", people=[ANN], posts=[FIRST, {"id": "p3", "created_at": "soon"}])
    with pytest.raises(SourceError) as error:
        ingest(store, reader)
    assert error.value.extras == {"file": str(tmp_path / "e" / "posts.jsonl"), "line": 2, "field": "created_at"}
    assert everything(store) == []
    assert store.sequence() == 0


def test_a_store_that_fails_is_not_half_written(tmp_path: Path) -> None:
    store = FullStore(tmp_path / "record.db")
    with pytest.raises(StoreUnavailable):
        ingest(store, export(tmp_path / "e", people=[ANN]))
    assert everything(store) == []
    store.close()


def test_an_id_that_comes_twice_counts_once_and_its_last_record_holds(store: SQLiteStore, tmp_path: Path) -> None:
    report = ingest(store, export(tmp_path / "e", people=[ANN, {**ANN, "name": "Anna"}]))
    assert report.repeated == 1
    assert tallies(report) == {"person": Tally(read=1, added=1)}
    assert [person.name for person in store.all("person")] == ["Anna"]


def test_what_was_not_understood_is_in_the_report(store: SQLiteStore, tmp_path: Path) -> None:
    report = ingest(
        store,
        export(
            tmp_path / "e",
            declared("shop"),
            people=[{**ANN, "years": 3}],
            posts=[FIRST, {"id": "p2", "audience": "all"}, SECOND],
            interactions=[{**LIKE, "verb": "juggle"}, {**LIKE, "actor": "anonymous"}],
        ),
    )
    assert report.counts.unknown_fields == {"person.years": 1}
    assert report.counts.unknown_verbs == {"juggle": 1}
    assert report.counts.unattributed == 1
    assert report.counts.without_author == 1
    assert report.counts.private_by_default == 1
    assert report.counts.unknown_audiences == 1


def test_people_without_a_record_are_counted_until_it_comes(store: SQLiteStore, tmp_path: Path) -> None:
    assert ingest(store, export(tmp_path / "e", posts=[FIRST, SECOND], interactions=[LIKE])).unknown_people == 2
    assert ingest(store, export(tmp_path / "f", people=[ANN], posts=[FIRST])).unknown_people == 0
    assert ingest(store, export(tmp_path / "e")).unknown_people == 1


def test_namesakes_are_counted_across_sources_and_one_humans_accounts_are_not(
    store: SQLiteStore, tmp_path: Path
) -> None:
    ingest(store, export(tmp_path / "e", people=[ANN, BOB]))
    other = declared("chat", audience="organisation")
    people: list[dict[str, object]] = [{"id": "7", "name": "ann", "accounts": ["staff:1"]}, {"id": "8", "name": "Bob"}]
    assert ingest(store, export(tmp_path / "f", other, people=people)).ambiguous_names == 1


def test_two_sources_do_not_meet_in_an_id(store: SQLiteStore, tmp_path: Path) -> None:
    ingest(store, export(tmp_path / "e", people=[ANN]))
    ingest(store, export(tmp_path / "f", declared("chat"), people=[ANN]))
    assert [person.id for person in store.all("person")] == ["chat:ann", "shop:ann"]


def test_who_was_erased_does_not_come_back_and_is_counted(store: SQLiteStore, tmp_path: Path) -> None:
    ingest(store, export(tmp_path / "e", people=[ANN, BOB], posts=[FIRST, SECOND], interactions=[LIKE]))
    store.erase("shop:bob")
    report = ingest(store, export(tmp_path / "e"))
    assert tallies(report) == {
        "person": Tally(read=2, unchanged=1, refused=1),
        "post": Tally(read=2, unchanged=1, refused=1),
        "interaction": Tally(read=1, refused=1),
    }
    assert [person.id for person in store.all("person")] == ["shop:ann"]


# --- the audience of a source ------------------------------------------------------------------------------------


def audiences(store: SQLiteStore) -> dict[str, Audience]:
    return {post.id.removeprefix("shop:"): post.audience for post in store.all("post")}


def test_a_source_does_not_change_its_audience_unsaid(store: SQLiteStore, tmp_path: Path) -> None:
    ingest(store, export(tmp_path / "e", declared("shop"), posts=[FIRST]))
    with pytest.raises(Conflict, match=r"'private', not 'organisation'.*audience is to change") as error:
        ingest(store, export(tmp_path / "e"))
    assert error.value.extras == {"source": "shop"}
    assert audiences(store) == {"p1": Audience("private", people=("shop:ann",))}


def test_a_source_that_is_opened_opens_only_what_is_imported_again(store: SQLiteStore, tmp_path: Path) -> None:
    ingest(store, export(tmp_path / "e", declared("shop"), posts=[FIRST, {"id": "p3", "authors": ["bob"]}]))
    ingest(store, export(tmp_path / "f", posts=[FIRST]), how=How(change_audience=True))
    assert audiences(store) == {"p1": ORGANISATION, "p3": Audience("private", people=("shop:bob",))}
    assert store.get("source", ["shop"]) == [SHOP]


def test_a_source_that_is_closed_closes_what_had_its_old_default(store: SQLiteStore, tmp_path: Path) -> None:
    other = declared("chat", audience="organisation")
    ingest(store, export(tmp_path / "c", other, posts=[FIRST]))
    ingest(
        store,
        export(tmp_path / "e", people=[ANN], posts=[FIRST, SECOND], interactions=[LIKE], communities=[{"id": "lab"}]),
    )
    ingest(store, export(tmp_path / "f", declared("shop"), people=[BOB]), how=How(change_audience=True))
    assert audiences(store) == {
        "chat:p1": ORGANISATION,
        "p1": Audience("private", people=("shop:ann",)),
        "p2": Audience("groups", groups=("shop:lab",)),
    }
    (like,) = store.all("interaction")
    assert like.audience == Audience("private", people=("shop:bob",))
    assert {person.id: person.audience.people for person in store.all("person")} == {
        "shop:ann": ("shop:ann",),
        "shop:bob": ("shop:bob",),
    }
    assert [community.audience for community in store.all("community")] == [Audience("private")]


# --- progress ----------------------------------------------------------------------------------------------------


def test_progress_is_told_on_the_way_and_at_the_end(store: SQLiteStore, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    posts: list[dict[str, object]] = [{"id": f"p{number}"} for number in range(2500)]
    ingest(store, export(tmp_path / "e", posts=posts), progress=lambda done, total: told.append((done, total)))
    assert told == [(1000, 2500), (2000, 2500), (2500, 2500)]


# --- any facts ---------------------------------------------------------------------------------------------------

names = st.sampled_from(["ann", "bob", "cem"]).map("shop:{}".format)
facts = st.lists(
    st.one_of(
        st.builds(Person, id=names, source=st.just("shop"), name=st.sampled_from(["", "Ann", "Bob"])),
        st.builds(Post, id=names, source=st.just("shop"), authors=st.lists(names, unique=True).map(tuple)),
        st.builds(
            Interaction,
            id=names,
            source=st.just("shop"),
            actor=names,
            verb=st.sampled_from(["like", "review"]),
            object=names,
        ),
    ),
    max_size=6,
)


@given(before=facts, now=facts)
def test_what_was_read_is_what_was_added_changed_left_and_refused(
    tmp_path_factory: pytest.TempPathFactory, before: list[Fact], now: list[Fact]
) -> None:
    store = SQLiteStore(tmp_path_factory.mktemp("any") / "record.db")
    ingest(store, Given(SHOP, *before))
    old = {(type(fact), fact.id): fact for fact in before}
    new = {(type(fact), fact.id): fact for fact in now}
    report = ingest(store, Given(SHOP, *now))
    assert sum(tally.read for tally in report.kinds.values()) == len(new) == len(now) - report.repeated
    assert sum(tally.added for tally in report.kinds.values()) == len(new.keys() - old.keys())
    assert sum(tally.changed for tally in report.kinds.values()) == sum(
        key in old and old[key] != fact for key, fact in new.items()
    )
    for tally in report.kinds.values():
        assert tally.read == tally.added + tally.changed + tally.unchanged + tally.refused
    assert {(type(fact), fact.id): fact for fact in everything(store)} == {**old, **new, (Source, "shop"): SHOP}
    store.close()


# --- what a source takes back ------------------------------------------------------------------------------------


def test_lines_take_back_what_an_earlier_import_brought_and_it_stays_away(store: SQLiteStore, tmp_path: Path) -> None:
    first = export(tmp_path / "e", people=[ANN, BOB], posts=[FIRST, SECOND], interactions=[LIKE])
    ingest(store, first)
    gone: list[dict[str, object]] = [{"type": "Tombstone", "id": "p2"}, {"type": "Delete", "object": "p7"}]
    undone: list[dict[str, object]] = [{"type": "Undo", "object": LIKE}]
    report = ingest(store, export(tmp_path / "f", people=[ANN], posts=gone, interactions=undone))
    assert (report.withdrawn, report.kept_away) == ({"post": 1, "interaction": 1}, 0)
    assert [fact.id for fact in everything(store)] == ["shop", "shop:ann", "shop:bob", "shop:p1"]
    again = ingest(store, first)
    assert (again.kept_away, tallies(again)["post"]) == (2, Tally(read=1, unchanged=1))
    assert [fact.id for fact in everything(store)] == ["shop", "shop:ann", "shop:bob", "shop:p1"]
    changed = ingest(store, export(tmp_path / "g", posts=[{**SECOND, "title": "Glues"}]))
    assert tallies(changed) == {"post": Tally(read=1, added=1)}
    assert ingest(store, first).kept_away == 1, "what came in anew is no longer withdrawn"


def test_a_withdrawn_record_stays_away_also_when_it_may_be_read_by_others_now(
    store: SQLiteStore, tmp_path: Path
) -> None:
    reader = export(tmp_path / "e", posts=[FIRST])
    ingest(store, reader)
    withdraw(store, [("post", "shop:p1")], by="test")
    tighter = NativeReader(tmp_path / "e", source=declared("shop", audience=["lab"]))
    assert ingest(store, tighter, how=How(change_audience=True)).kept_away == 1


# --- a complete import, and how long things are kept ---------------------------------------------------------------


def people(*names: str) -> list[dict[str, object]]:
    return [{"id": name, "name": name.title()} for name in names]


MANY = [f"n{number:02}" for number in range(30)]
COMPLETE = How(complete=True)


def test_a_complete_import_withdraws_what_the_source_no_longer_has_and_nothing_of_others(
    store: SQLiteStore, tmp_path: Path
) -> None:
    ingest(store, export(tmp_path / "e", people=people(*MANY), posts=[FIRST]))
    ingest(store, export(tmp_path / "o", declared("chat"), people=people("n00", "n01")))
    store.hide("shop:n29")
    report = ingest(store, export(tmp_path / "f", people=people(*MANY[:-2]), posts=[FIRST]), how=COMPLETE)
    assert (report.missing, report.withdrawn) == ({"person": 2}, {})
    assert {fact.id for fact in store.all("person")} == {"chat:n00", "chat:n01", *(f"shop:{n}" for n in MANY[:-2])}
    assert store.hides() == {"shop:n29"}, "a wish stays"
    back = ingest(store, export(tmp_path / "e"), how=COMPLETE)
    assert tallies(back)["person"] == Tally(read=30, added=2, unchanged=28), "what the source has again is there again"
    assert not back.missing


@pytest.mark.parametrize(("before", "after"), [(4, 3), (200, 179), (30, 0)])
def test_much_is_withdrawn_only_when_it_is_said(store: SQLiteStore, tmp_path: Path, before: int, after: int) -> None:
    names = [f"n{number:03}" for number in range(before)]
    ingest(store, export(tmp_path / "e", people=people(*names)))
    held = everything(store)
    fewer = export(tmp_path / "f", people=people(*names[: max(after, 1)]))
    with pytest.raises(Conflict, match="--dry-run"):
        ingest(store, fewer, how=COMPLETE)
    told = ingest(store, fewer, how=How(complete=True, dry_run=True))
    assert (told.dry_run, told.missing) == (True, {"person": before - max(after, 1)})
    assert everything(store) == held
    ingest(store, fewer, how=How(complete=True, many=True))
    assert store.count("person") == max(after, 1)


def test_files_that_may_not_be_all_there_is_withdraw_nothing(store: SQLiteStore, tmp_path: Path) -> None:
    ingest(store, export(tmp_path / "e", people=people(*MANY), posts=[FIRST, SECOND]))
    held = everything(store)
    without_posts = export(tmp_path / "a", people=people(*MANY[1:]))
    empty = export(tmp_path / "b", people=people(*MANY), posts=[])
    cut = export(tmp_path / "c", people=people(*MANY[1:]), posts=[FIRST, SECOND])
    (tmp_path / "c" / "people.jsonl").write_text((tmp_path / "c" / "people.jsonl").read_text().rstrip("\n"))
    left_out = Given(SHOP, *(fact for fact in held if isinstance(fact, Person | Post) and fact.id != "shop:n00"))
    left_out.counts.unreadable = 1
    for reader, words in ((without_posts, "kind post"), (empty, "kind post"), (cut, "cut"), (left_out, "could not")):
        with pytest.raises(SourceError, match=words):
            ingest(store, reader, how=How(complete=True, many=True))
        assert everything(store) == held


def test_a_dry_run_says_what_would_become_of_each_fact_and_changes_nothing(store: SQLiteStore, tmp_path: Path) -> None:
    ingest(store, export(tmp_path / "e", people=[ANN, BOB], posts=[FIRST]))
    store.erase("shop:bob")
    held, number = everything(store), store.sequence()
    gone: list[dict[str, object]] = [{"type": "Delete", "object": "p1"}, SECOND]
    told = ingest(
        store, export(tmp_path / "f", people=[{**ANN, "name": "Anna"}, BOB], posts=gone), how=How(dry_run=True)
    )
    assert tallies(told) == {"person": Tally(read=2, changed=1, refused=1), "post": Tally(read=1, added=1)}
    assert told.withdrawn == {"post": 1}
    assert (everything(store), store.sequence(), store.statements(Retention)) == (held, number, [])


def test_what_is_older_than_its_source_keeps_it_goes_at_each_import_and_does_not_come_again(
    store: SQLiteStore, tmp_path: Path
) -> None:
    dated = [{**FIRST, "created_at": f"{year}-05-01"} | {"id": f"p{year}"} for year in (1999, 2020, 2090)]
    reader = export(
        tmp_path / "e", people=[ANN], posts=[*dated, SECOND], interactions=[{**LIKE, "created_at": "2001-01-01"}]
    )
    ingest(store, reader)
    other = export(tmp_path / "o", declared("chat", audience="organisation"), posts=dated[:1])
    ingest(store, other)
    kept = ingest(store, reader, how=How(keep_days=365))
    assert (kept.keep_days, kept.expired) == (365, {"post": 2, "interaction": 1})
    assert [post.id for post in store.all("post")] == ["chat:p1999", "shop:p2", "shop:p2090"]
    assert store.count("interaction") == 0
    again = ingest(store, reader)
    assert (again.keep_days, again.expired) == (365, {"post": 2, "interaction": 1}), "remembered with the source"
    ingest(store, reader, how=How(keep_days=0))
    assert store.count("post") == 5
