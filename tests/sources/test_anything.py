"""Streams, calendars, surveys: each post is what the export says, and what is said in confidence nobody hears."""

from __future__ import annotations

import json
import random
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.leak.crawl import Doors, crawl, differences, opened
from tests.leak.worlds import World
from tests.sources.examples import SHOP, example, reader_of
from tests.sources.truth import Told, check_again, check_leaks, check_truth, read_facts

from expertfinder.ask.network import Networking
from expertfinder.errors import SourceError
from expertfinder.ingest import How, ingest
from expertfinder.model import Fact, Interaction, Person, Post
from expertfinder.recommend.network.champion_set import Championship
from expertfinder.store import open_store

NOTES, EVENTS = 300, 260
BEGIN = datetime(2024, 1, 1, 8, tzinfo=UTC)
HOST = "https://talk.factory.example"
CAST = ("ann", "bob", "cem", "dora", "eva")


# --- ActivityStreams -------------------------------------------------------------------------------------------------


@dataclass
class Note:
    """A post of a stream, as the test draws it."""

    id: str
    by: str
    text: str
    at: datetime
    parent: str = ""
    place: str = ""
    to: str = "public"
    """`public`, `followers`, or somebody: then it is a direct message."""
    versions: int = 1
    deleted: bool = False
    liked: list[str] = field(default_factory=list)


def notes(seed: int) -> list[Note]:
    rng = random.Random(seed)
    found: list[Note] = []
    for n in range(NOTES):
        parent = rng.choice(found).id if found and rng.random() < 0.4 else ""
        found.append(
            Note(
                f"{HOST}/n/{n}",
                rng.choice(CAST),
                f"Gasket, frost & pump number {n}.",
                BEGIN + timedelta(hours=n),
                parent,
                f"{HOST}/c/{rng.randrange(4)}" if rng.random() < 0.5 else "",
                rng.choice(("public", "public", "public", "followers", "dora")),
                rng.choice((1, 1, 2, 3)),
                rng.random() < 0.1,
                rng.sample(CAST, rng.randrange(3)),
            )
        )
    return found


def as_stream(told: list[Note], *, newest_first: bool) -> list[object]:
    def actor(name: str) -> dict[str, object]:
        who = f"{HOST}/u/{name}"
        handle = {"preferredUsername": name, "followers": f"{who}/followers"}
        return {"type": "Person", "id": who, "name": f"{name.title()} Example", **handle}

    stream: list[object] = [actor(name) for name in CAST]
    for note in told:
        addressed = {"public": "as:Public", "followers": f"{HOST}/u/{note.by}/followers"}
        for version in range(1, note.versions + 1):
            said = {
                "id": note.id,
                "type": "Note",
                "attributedTo": f"{HOST}/u/{note.by}",
                "content": f"<p>{note.text.replace('&', '&amp;')} <b>Version {version}.</b></p>",
                "published": note.at.isoformat(),
                "inReplyTo": note.parent or None,
                "context": note.place or None,
                "to": [addressed.get(note.to, f"{HOST}/u/{note.to}")],
            }
            if version > 1:
                said["updated"] = (note.at + timedelta(minutes=version)).isoformat()
            kind = "Update" if version > 1 else "Create"
            stream.append(
                {"type": kind, "id": f"{note.id}/{kind}/{version}", "actor": f"{HOST}/u/{note.by}", "object": said}
            )
        for who in note.liked:
            stream.append(
                {"type": "Like", "id": f"{note.id}/like/{who}", "actor": f"{HOST}/u/{who}", "object": note.id}
            )
        if note.deleted:
            stream.append(
                {"type": "Delete", "actor": f"{HOST}/u/{note.by}", "object": {"type": "Tombstone", "id": note.id}}
            )
    return list(reversed(stream)) if newest_first else stream


def write_stream(path: Path, told: list[Note], *, newest_first: bool = False, by_lines: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = as_stream(told, newest_first=newest_first)
    if by_lines:
        path.write_text("\n".join(map(json.dumps, stream)) + "\n")
    else:
        path.write_text(json.dumps({"type": "OrderedCollection", "orderedItems": stream}))
    return path


@pytest.mark.parametrize("newest_first", [True, False])
def test_every_note_of_a_stream_is_read_as_it_was_written_in_either_order(tmp_path: Path, newest_first: bool) -> None:
    drawn = notes(11)
    told = {
        note.id: Told(
            (f"{HOST}/u/{note.by}",),
            note.parent,
            note.place,
            note.at,
            (f"{HOST}/u/{note.by}/followers",) if note.to == "followers" else None,
            f"{note.text} Version {note.versions}.",
        )
        for note in drawn
        if not note.deleted and note.to != "dora"
    }
    assert len(told) >= 200
    path = write_stream(tmp_path / "x.json", drawn, newest_first=newest_first, by_lines=not newest_first)
    check_truth(reader_of("activitystreams")(path).facts(), told)


def test_a_newer_stream_is_as_if_it_had_come_first(tmp_path: Path) -> None:
    older = notes(12)
    newer = [
        replace(note, versions=note.versions + (n % 5 == 0), deleted=note.deleted or n % 9 == 0, liked=note.liked[:1])
        for n, note in enumerate(older)
    ]
    paths = (
        write_stream(tmp_path / "older.json", older),
        write_stream(tmp_path / "newer.json", newer, newest_first=True),
    )
    check_again(reader_of("activitystreams"), *paths, tmp_path)


def test_followers_hear_what_others_do_not_and_direct_messages_are_not_read(tmp_path: Path) -> None:
    public = [Note(f"{HOST}/n/{n}", "bob", f"The pump leaks in the frost, part {n}.", BEGIN) for n in range(4)]
    secret = [
        Note(f"{HOST}/n/s", "ann", "The frost gasket of the competition leaks.", BEGIN, to="followers", liked=["bob"]),
        Note(f"{HOST}/n/d", "ann", "Zanzibar for you alone.", BEGIN, to="dora"),
        Note(f"{HOST}/n/g", "ann", "Zanzibar was taken back.", BEGIN, deleted=True),
    ]
    path = write_stream(tmp_path / "full.json", [*public, *secret])
    stream = json.loads(path.read_text())
    for id, to, text in (
        ("z", f"{HOST}/u/ann/followers", "I leave your frost pump alone."),
        ("y", "dora", "Zanzibar!"),
    ):
        # Bob followed Ann once, and does not any more; Zora is described nowhere else.
        actors = [f"{HOST}/u/bob", {"type": "Person", "id": f"{HOST}/u/zora", "name": "Zora Example"}]
        note = {"type": "Note", "id": f"{HOST}/n/{id}", "content": text, "inReplyTo": f"{HOST}/n/s", "to": [to]}
        told = note | {"published": BEGIN.isoformat(), "attributedTo": actors}
        stream["orderedItems"].append({"type": "Create", "actor": actors, "object": told})
        stream["orderedItems"].append({"type": "Like", "actor": actors, "object": f"{HOST}/n/s", "to": [to]})
    path.write_text(json.dumps(stream))
    full = reader_of("activitystreams")(path)
    bare = reader_of("activitystreams")(write_stream(tmp_path / "bare.json", public))
    check_leaks(full, bare, outsiders=[f"{HOST}/u/bob"], insider=f"{HOST}/u/ann", words=["Zanzibar"])


def test_to_accept_an_invitation_is_no_judgement_and_blocks_are_not_read(tmp_path: Path) -> None:
    acts = [
        {"type": "Accept", "id": "a", "actor": "ann", "object": {"type": "Invite", "object": "e"}},
        {"type": "Block", "id": "b", "actor": "ann", "object": "bob"},
        {"type": "Flag", "id": "c", "actor": "ann", "object": "n"},
    ]
    path = tmp_path / "x.ndjson"
    path.write_text("\n".join(map(json.dumps, acts)) + "\n")
    reader = reader_of("activitystreams")(path)
    assert list(reader.facts()) == []
    assert sum(reader.counts.skipped.values()) == 3


# --- calendars -------------------------------------------------------------------------------------------------------


@dataclass
class Event:
    """An event of a calendar, as the test draws it."""

    uid: str
    people: list[str]
    """The organiser first."""
    at: datetime
    title: str = "Gaskets"
    klass: str = ""
    rule: bool = False
    status: str = ""
    declined: tuple[str, ...] = ()
    zone: str = ""

    @property
    def is_read(self) -> bool:
        """Whether anything of it may be read."""
        here = [who for who in self.people if who not in self.declined]
        return self.klass in ("", "PUBLIC") and self.status != "CANCELLED" and len(here) > 1


def events(seed: int) -> list[Event]:
    rng = random.Random(seed)
    found = []
    for n in range(EVENTS):
        people = rng.sample(CAST, rng.randint(1, 4))
        found.append(
            Event(
                f"e{n}@factory.example",
                people,
                BEGIN + timedelta(days=n),
                f"Of pumps\\, number {n}",
                rng.choice(("", "", "", "PUBLIC", "PRIVATE", "CONFIDENTIAL", "X-TEAM")),
                rng.random() < 0.3,
                rng.choice(("", "CONFIRMED", "CONFIRMED", "CANCELLED")),
                tuple(people[2:3]) if rng.random() < 0.4 else (),
                rng.choice(("", "Europe/Vienna")),
            )
        )
    return found


def write_calendar(path: Path, told: list[Event]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for event in told:
        clock = f"{event.at:%Y%m%dT%H%M%S}"
        start = (
            f"DTSTART;TZID={event.zone}:{event.at + timedelta(hours=0):%Y%m%dT%H%M%S}"
            if event.zone
            else f"DTSTART:{clock}Z"
        )
        lines += ["BEGIN:VEVENT", f"UID:{event.uid}", start, f"SUMMARY:{event.title}", "DESCRIPTION:Zanzibar"]
        lines += [f"CLASS:{event.klass}"] if event.klass else []
        lines += [f"STATUS:{event.status}"] if event.status else []
        lines += ["RRULE:FREQ=DAILY;COUNT=1000000000"] if event.rule else []
        lines.append(f"ORGANIZER;CN={event.people[0].title()} Example:mailto:{event.people[0]}@factory.example")
        for who in event.people[1:]:
            part = "DECLINED" if who in event.declined else "ACCEPTED"
            lines.append(f"ATTENDEE;PARTSTAT={part};CN={who.title()} Example:\r\n mailto:{who}@factory.example")
        lines.append("END:VEVENT")
    path.write_text("\r\n".join([*lines, "END:VCALENDAR", ""]), newline="")
    return path


@pytest.mark.parametrize("titles", [True, False])
def test_every_event_is_read_for_its_attendees_alone(tmp_path: Path, titles: bool) -> None:
    drawn = events(21)
    options = {"titles": ""} if titles else {}
    facts = read_facts(reader_of("icalendar", **options)(write_calendar(tmp_path / "x.ics", drawn)))
    posts = {fact.id: fact for fact in facts if isinstance(fact, Post)}
    wanted = {f"shop:{event.uid}": event for event in drawn if event.is_read}
    assert len(drawn) >= 200
    assert posts.keys() == wanted.keys()
    for id, event in wanted.items():
        post = posts[id]
        here = {f"shop:{who}@factory.example" for who in event.people if who not in event.declined}
        assert (post.audience.scope, set(post.audience.people)) == ("private", here)
        assert post.created_at is not None
        hour = event.at.replace(tzinfo=None)
        local = post.created_at.astimezone(ZoneInfo(event.zone or "UTC")).replace(tzinfo=None)
        assert local == hour
        assert post.title == (event.title.replace("\\,", ",") if titles else "")
        assert post.text == ""
        assert post.kind == ("series" if event.rule else "meeting")
        assert {act.actor for act in facts if isinstance(act, Interaction) and act.object == id} == here
    assert all(fact.audience.scope == "private" for fact in facts if not isinstance(fact, Post))
    told = "".join(map(repr, facts))
    assert "Zanzibar" not in told
    assert not [event.uid for event in drawn if not event.is_read and event.uid in told]


def test_a_newer_calendar_is_as_if_it_had_come_first(tmp_path: Path) -> None:
    older = events(22)
    newer = [
        replace(event, klass="PRIVATE") if n % 6 == 0 else replace(event, status="CANCELLED") if n % 7 == 0 else event
        for n, event in enumerate(older)
    ]
    paths = write_calendar(tmp_path / "older.ics", older), write_calendar(tmp_path / "newer.ics", newer)
    check_again(reader_of("icalendar", titles=""), *paths, tmp_path)


def test_who_was_not_invited_hears_of_no_event(tmp_path: Path) -> None:
    known = [Event(f"k{n}", ["bob", "cem"], BEGIN, "The pump leaks in the frost") for n in range(3)]
    secret = [
        Event("s1", ["ann", "eva"], BEGIN, "The frost pump of the competition"),
        Event("s2", ["ann", "bob"], BEGIN, "Zanzibar", klass="CONFIDENTIAL"),
        Event("s3", ["ann", "bob"], BEGIN, "Zanzibar", status="CANCELLED"),
        Event("s4", ["ann", "eva", "bob"], BEGIN, "The frost pump is theirs", declined=("bob",)),
        Event("s5", ["ann", "eva"], BEGIN, "The frost pump of the week", rule=True),
    ]
    make = reader_of("icalendar", titles="")
    path = write_calendar(tmp_path / "full.ics", [*known, *secret])
    with path.open("a", newline="") as file:  # Bob was a guest of the series for a day
        day = write_calendar(tmp_path / "day.ics", [Event("s5", ["ann", "eva", "bob"], BEGIN, "Zanzibar")]).read_text()
        file.write(day.replace("UID:s5", f"UID:s5\nRECURRENCE-ID:{BEGIN:%Y%m%dT%H%M%S}Z").replace("\n", "\r\n"))
    full = make(path)
    bare = make(write_calendar(tmp_path / "bare.ics", [*known, Event("own", ["ann", "eva"], BEGIN, "Own")]))
    bare_again = [fact for fact in read_facts(bare) if "own" not in repr(fact)]
    assert {fact.id for fact in bare_again} < {fact.id for fact in read_facts(full)}
    check_leaks(
        full,
        bare,
        outsiders=["bob@factory.example", "cem@factory.example"],
        insider="ann@factory.example",
        words=["Zanzibar"],
    )


# --- surveys ---------------------------------------------------------------------------------------------------------


def answers(path: Path, rows: list[tuple[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "\n".join(["Who,Whom", *(f"{who}@factory.example,{whom}@factory.example" for who, whom in rows)]) + "\n"
    )
    return path


def test_every_answer_is_read_and_only_who_gave_it_may_read_it(tmp_path: Path) -> None:
    rng = random.Random(31)
    rows = sorted({(f"p{rng.randrange(60)}", f"p{rng.randrange(60)}") for _ in range(400)})
    facts = list(reader_of("survey")(answers(tmp_path / "x.csv", rows)).facts())
    acts = {fact.id: fact for fact in facts if not isinstance(fact, Person)}
    wanted = [(who, whom) for who, whom in rows if who != whom]
    assert len(wanted) >= 200
    assert len(acts) == len(wanted)
    for who, whom in wanted:
        act = acts[f"shop:{who}@factory.example/{whom}@factory.example"]
        assert isinstance(act, Interaction)
        told = (f"shop:{who}@factory.example", f"shop:{whom}@factory.example", "person", "name")
        assert (act.actor, act.object, act.object_type, act.verb) == told
        assert (act.audience.scope, act.audience.people) == ("private", (act.actor,))
    times = Counter(whom for _, whom in wanted)
    told = {one.id: one.turned_to_by for one in facts if isinstance(one, Person)}
    assert told == {f"shop:survey/{whom}@factory.example": n - n % 5 for whom, n in times.items() if n >= 5}
    assert 0 < len(told) < len(times), "nobody, or everybody, was named by five and more"


def test_whom_many_named_in_a_survey_is_a_champion_of_the_whole_and_nobody_hears_who_named_them(tmp_path: Path) -> None:
    people = [f"p{n:02d}" for n in range(12)]
    facts: list[Fact] = [SHOP]
    for n, who in enumerate(people):
        id = f"shop:{who}@factory.example"
        facts.append(
            Person(id=id, source="shop", name=who, accounts=(f"email:{who}@factory.example",), audience=SHOP.audience)
        )
        facts.append(
            Post(id=f"shop:n{n}", source="shop", authors=(id,), text="Pumps.", created_at=BEGIN, audience=SHOP.audience)
        )
    rows = [(who, "p00") for who in people[1:]] + [(who, "p01") for who in people[2:6]]
    named = list(reader_of("survey")(answers(tmp_path / "x.csv", rows)).facts())
    with opened((*facts, *named)) as finder:  # type: ignore[arg-type]
        told = Networking(finder).champions(Championship(size=3), finder.viewer("shop:p05@factory.example"))
        first, *others = told.ranking.recommendations
        assert first.subject == "shop:p00@factory.example"
        assert "At least 10 people said in a survey that they turn to them." in [one.text for one in first.reasons]
        assert not any(one.part == "named" for other in others for one in other.reasons), "four are too few to be told"


def test_a_newer_survey_is_as_if_it_had_come_first(tmp_path: Path) -> None:
    older = answers(tmp_path / "older.csv", [("ann", "bob"), ("bob", "cem"), ("cem", "ann")])
    newer = answers(tmp_path / "newer.csv", [("ann", "bob"), ("bob", "ann")])
    make = reader_of("survey")
    with closing(open_store(tmp_path / "x.db")) as store:
        assert ingest(store, make(older)).kinds["interaction"].added == 3
        before = store.sequence()
        assert ingest(store, make(older)).kinds["interaction"].unchanged == 3
        assert store.sequence() == before
        ingest(store, make(newer), how=How(complete=True, many=True))
        kept = {row.id for row in store.kept("interaction")}
        assert kept == {fact.id for fact in make(newer).facts()}


def test_that_somebody_else_named_somebody_is_shown_to_nobody_at_any_door(tmp_path: Path) -> None:
    """Sociograms, paths, lists of ties, explanations, exports: byte for byte what they are without others' answers."""
    people: list[Fact] = [
        Person(id=f"shop:{who}@factory.example", source="shop", name=f"{who.title()} Example", audience=SHOP.audience)
        for who in CAST
    ]
    posts: list[Fact] = [
        Post(
            id=f"shop:{who}{n}",
            source="shop",
            authors=(f"shop:{who}@factory.example",),
            title="The pump leaks in the frost",
            text=f"A gasket of silicone for the pump, number {n}.",
            created_at=BEGIN + timedelta(days=n),
            audience=SHOP.audience,
        )
        for who in CAST
        for n in range(3)
    ]
    every = [(one, other) for one in CAST for other in CAST if one != other]
    named = list(reader_of("survey")(answers(tmp_path / "x.csv", every)).facts())
    assert len(named) == 20
    secret = frozenset((Interaction, fact.id) for fact in named)
    world = World("survey", (SHOP, *people, *posts, *named), None, "shop:ann@factory.example", secret)  # type: ignore[arg-type]
    for who in (None, "shop:ann@factory.example", "shop:bob@factory.example"):
        own = [fact for fact in named if isinstance(fact, Interaction) and fact.actor == who]
        # Both are opened anew: who looked before is told to those who were looked at.
        with opened((SHOP, *people, *posts, *named)) as full, opened((SHOP, *people, *posts, *own)) as bare:  # type: ignore[arg-type]
            doors = Doors.over(full)
            found = differences(crawl(doors, full, world, who), crawl(doors, bare, world, who))
        assert not found, f"{who} hears of it:\n" + "\n".join(found[:3])


def test_words_that_were_written_in_a_survey_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Who,Whom,Why\nann@x.example,bob@x.example,because\n")
    with pytest.raises(SourceError, match="two columns"):
        list(reader_of("survey")(path).facts())


def test_the_examples_have_what_the_docs_promise() -> None:
    kinds = {type(fact).__name__ for fact in reader_of("activitystreams")(example("activitystreams")).facts()}
    assert kinds == {"Person", "Post", "Interaction", "Withdrawal"}


def test_an_event_that_is_broken_is_an_error_that_names_it_and_can_be_left_out(tmp_path: Path) -> None:
    path = write_calendar(tmp_path / "x.ics", [Event("a", ["ann", "bob"], BEGIN), Event("b", ["ann", "bob"], BEGIN)])
    path.write_text(path.read_text().replace("DTSTART:20240101T080000Z", "DTSTART:20240101TU80000", 1))
    reader = reader_of("icalendar")(path)
    with pytest.raises(SourceError, match=r"line 3, field VEVENT: this event cannot be read"):
        list(reader.facts())
    reader.skip = 1  # type: ignore[attr-defined]
    assert [fact.id for fact in reader.facts() if isinstance(fact, Post)] == ["shop:b"]
    # The name of a zone is looked up as the name of a file, and may be longer than a disk allows.
    path.write_text(path.read_text().replace("DTSTART:20240101TU80000", f"DTSTART;TZID={'a' * 3000}:20240101T080000"))
    with pytest.raises(SourceError, match="this event cannot be read"):
        list(reader_of("icalendar")(path).facts())
