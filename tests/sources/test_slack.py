"""Slack: what was read is what the export says; private channels for their members, direct messages for nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from tests.sources.examples import example, files_of, reader_of, written
from tests.sources.truth import Told, check_again, check_leaks, check_truth, read_facts

from expertfinder.errors import SourceError
from expertfinder.model import Community, Interaction, Person, Post

NAME = "slack"
MESSAGES = ("", "me_message", "thread_broadcast", "file_share", "bot_message")


def told(path: Path) -> dict[str, Told]:
    """The export, read by its folders alone."""
    found: dict[str, Told] = {}
    for listing, private in (("channels.json", False), ("groups.json", True)):
        for channel in json.loads((path / listing).read_text()) if (path / listing).exists() else ():
            for day in sorted((path / channel["name"]).glob("*.json")):
                for raw in json.loads(day.read_text()):
                    message = raw.get("message", raw)
                    if message.get("subtype", "") not in MESSAGES:
                        continue
                    ts, thread = message["ts"], message.get("thread_ts")
                    seconds, _, fraction = ts.partition(".")
                    at = datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(fraction or 0))
                    found[f"{channel['id']}-{ts}"] = Told(
                        authors=(message.get("user") or message["bot_id"],),
                        parent=f"{channel['id']}-{thread}" if thread and thread != ts else "",
                        place=channel["id"],
                        at=at,
                        groups=(channel["id"],) if private else None,
                        words=message["text"].split("<")[0].split("&")[0].strip(),
                    )
    return found


def test_threads_authors_times_places_and_audience_are_those_of_the_export() -> None:
    path = example(NAME)
    check_truth(reader_of(NAME)(path).facts(), told(path))


def test_people_channels_reactions_and_mentions() -> None:
    reader = reader_of(NAME, workspace="mill.slack.com")(example(NAME))
    facts = {fact.id: fact for fact in read_facts(reader)}
    ann, dan = facts["shop:U1"], facts["shop:U4"]
    assert isinstance(ann, Person)
    assert (ann.name, ann.title, ann.accounts, ann.groups) == (
        *("Ann Marsh", "Process engineer"),
        *(("slack:u1", "email:ann@mill.example"), ("shop:G1",)),
    )
    assert isinstance(dan, Person)
    assert dan.left_at == datetime.fromtimestamp(1738400000, UTC)
    machines = {fact.name for fact in facts.values() if isinstance(fact, Person) and fact.kind == "machine"}
    assert machines == {"Deploy", "Slackbot", "Alarm feed"}
    places = {fact.id: fact for fact in facts.values() if isinstance(fact, Community)}
    assert places.keys() == {"shop:C2", "shop:G1"}
    assert places["shop:C2"].description == "All that must not leak, see #general\nSeals & gaskets"
    assert places["shop:G1"].audience.groups == ("shop:G1",)
    acts = {(a.actor, a.verb, a.object, a.audience.scope) for a in facts.values() if isinstance(a, Interaction)}
    north, hot = "shop:C2-1736154000.000100", facts["shop:C2-1738576900.000200"]
    assert acts == {
        ("shop:U1", "like", north, "organisation"),
        ("shop:U5", "like", north, "organisation"),
        ("shop:U2", "like", "shop:C2-1736154100.000200", "organisation"),
        ("shop:U1", "mention", "shop:U2", "organisation"),
        ("shop:U3", "like", "shop:G1-1736240500.000200", "groups"),
        ("shop:U1", "mention", "shop:U3", "groups"),
    }
    post = facts[north]
    assert isinstance(post, Post)
    assert post.text.endswith("See the notes (https://wiki.mill.example/pumps) & tell me")
    assert post.url == "https://mill.slack.com/archives/C2/p1736154000000100"
    assert isinstance(hot, Post)
    assert "pump 4" in hot.text, "an edited message says what it was edited to"
    assert "board-room" not in repr([fact for fact in facts.values() if "board" in repr(fact) and "G1" not in fact.id])


def test_the_report_says_what_was_left_out_and_why() -> None:
    reader = reader_of(NAME)(example(NAME))
    assert reader.total is None
    read = len(list(reader.facts()))
    assert reader.total == read
    assert dict(reader.counts.skipped) == {
        "messages that tell what happened (channel_join)": 1,
        "deleted messages, which are taken back": 1,
        "files that hang on messages, which are not read": 1,
        "reactions of people whom the export does not name": 2,
        "files of direct messages, which are never read": 2,
        "files beside the messages (uploads, canvases and the like), which are not read": 1,
    }
    assert "1 of its people are guests" in reader.counts.remarks[0]


def test_a_second_import_changes_nothing_and_a_newer_export_is_as_if_it_came_first(tmp_path: Path) -> None:
    files = files_of(example(NAME))
    day = "pumps/2025-01-06.json"
    messages = orjson.loads(files[day])
    messages[1]["text"] = "Take the silicone gasket, and warm the housing first"
    del messages[1]["reactions"]
    messages[2] = {"type": "message", "subtype": "tombstone", "ts": messages[2]["ts"], "text": "deleted"}
    groups = orjson.loads(files["groups.json"])
    groups[0]["members"] = ["U3"]
    newer = files | {day: orjson.dumps(messages[:4]), "groups.json": orjson.dumps(groups)}
    newer["pumps/2025-03-01.json"] = orjson.dumps([messages[0] | {"ts": "1740823200.000100", "thread_ts": None}])
    check_again(reader_of(NAME), example(NAME), written(tmp_path / "newer", newer), tmp_path)


def test_who_is_not_in_a_private_channel_hears_nothing_of_it(tmp_path: Path) -> None:
    files = files_of(example(NAME))
    public = {
        name: content for name, content in files.items() if not name.startswith(("board", "D7", "mpdm", "groups"))
    }
    day = "pumps/2025-01-06.json"
    kept = [raw for raw in orjson.loads(public[day]) if raw.get("subtype") not in ("tombstone", "message_deleted")]
    assert len(kept) < len(orjson.loads(public[day]))
    clean = written(tmp_path / "clean", public | {day: orjson.dumps(kept)})
    # Cleo is still in the private channel, Ann has left it: she hears nothing of it either.
    groups = orjson.loads(files["groups.json"])
    groups[0]["members"] = ["U3"]
    room = "board-room/2025-01-07.json"
    bot = {
        "type": "message",
        "subtype": "bot_message",
        "bot_id": "B9",
        "username": "Ledger feed",
        "text": "A pump less",
    }
    gone = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted."}
    more = [bot | {"ts": "1736240600.000300"}, gone | {"ts": "1736240700.000400"}]
    of_room = orjson.dumps([*orjson.loads(files[room]), *more])
    left = written(tmp_path / "left", files | {"groups.json": orjson.dumps(groups), room: of_room})
    make = reader_of(NAME)
    check_leaks(
        make(left), make(clean), outsiders=["U2", "U1"], insider="U3", words=["tinderglass", "This message was"]
    )


def test_an_archive_is_read_like_a_folder(tmp_path: Path) -> None:
    from tests.sources.test_broken import packed

    files = {f"mill export/{name}": content for name, content in files_of(example(NAME)).items()}
    make = reader_of(NAME)
    assert list(make(packed(tmp_path, files)).facts()) == list(make(example(NAME)).facts())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("users.json", b"[{}]", "a record needs an 'id'"),
        ("users.json", b"[", "this is not JSON"),
        ("pumps/2025-01-06.json", b'[{"ts":"x"}]', "'ts' must be a number"),
        ("pumps/2025-01-06.json", b'[{"user":"U1","text":"no time"}]', "a record needs an 'id'"),
        ("pumps/2025-01-06.json", b'["x"]', "a record is an object"),
    ],
)
def test_an_error_names_the_file_and_the_record(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = written(tmp_path / "x", files_of(example(NAME)) | {name: content})
    with pytest.raises(SourceError, match=words) as found:
        list(reader_of(NAME)(path).facts())
    assert str(found.value.extras["file"]).endswith(name)


def test_what_is_no_export_is_told_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"an export of Slack has a file 'users.json'; here is notes.txt"):
        list(reader_of(NAME)(written(tmp_path / "x", {"notes.txt": b"x"})).facts())
    with pytest.raises(SourceError, match=r"'workspace' is an address such as acme.slack.com"):
        list(reader_of(NAME, workspace="http://x")(example(NAME)).facts())
