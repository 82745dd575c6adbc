"""The public archive of Zulip: the example, read again by a few lines of its own, and what the format cannot say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from tests.sources.examples import example, files_of, reader_of, written
from tests.sources.truth import Told, check_again, check_truth

from expertfinder.errors import SourceError
from expertfinder.model import Community, Interaction, Person, Post

NAME = "zulip-archive"


def told(path: Path) -> dict[str, Told]:
    found: dict[str, Told] = {}
    for channel in (path / "5-pumps", path / "6-works.20council"):
        place = channel.name.partition("-")[0]
        for file in sorted(channel.iterdir(), key=lambda file: ("✔" in unquote(file.name.replace(".", "%")), file)):
            messages = json.loads(file.read_text())
            for raw in messages:
                parent = str(messages[0]["id"]) if raw is not messages[0] else ""
                who = " ".join(raw["sender_full_name"].split())
                words = raw["content"].split(">")[-2].split("<")[0] if "<code>" not in raw["content"] else "NLGI 2"
                at = datetime.fromtimestamp(raw["timestamp"], UTC)
                found[str(raw["id"])] = Told((who,), parent, place, at, None, words)
    return found


def test_threads_authors_times_and_places_are_those_of_the_archive() -> None:
    facts = {fact.id: fact for fact in reader_of(NAME)(example(NAME)).facts()}
    check_truth(facts.values(), told(example(NAME)))
    titles = {fact.id: fact.title for fact in facts.values() if isinstance(fact, Post) and fact.title}
    assert titles == {"shop:101": "north pump", "shop:109": "Q&A v1.2", "shop:110": "(no topic)"}
    assert [fact.name for fact in facts.values() if isinstance(fact, Community)] == ["pumps", "works council"]
    people = {fact.name: fact.kind for fact in facts.values() if isinstance(fact, Person)}
    assert people == dict.fromkeys(("Bob Lindqvist", "Ann Marsh", "Cleo Aydın"), "person") | {"Alarm Bot": "machine"}
    acts = {(a.actor, a.verb, a.object) for a in facts.values() if isinstance(a, Interaction)}
    pairs = (("Ann Marsh", "Bob Lindqvist"), ("Cleo Aydın", "Ann Marsh"))
    assert acts == {(f"shop:{who}", "mention", f"shop:{whom}") for who, whom in pairs}


def test_a_second_import_changes_nothing_and_a_newer_archive_is_as_if_it_came_first(tmp_path: Path) -> None:
    files = files_of(example(NAME))
    files["5-pumps/.E2.9C.94.20north.20pump.json"] = files["5-pumps/.E2.9C.94.20north.20pump.json"].replace(
        b"grease it monthly", b"grease it weekly"
    )
    del files["6-works.20council/Q.26A.20v1.2E2.json"]
    check_again(reader_of(NAME), example(NAME), written(tmp_path / "newer", files), tmp_path)


@pytest.mark.parametrize("below", ["", "zulip_json/"])
def test_the_index_is_looked_for_in_the_folder_of_the_archive(below: str, tmp_path: Path) -> None:
    files = {f"{below}{name}": content for name, content in files_of(example(NAME)).items()}
    reader = reader_of(NAME)(written(tmp_path / "x", {**files, "README.md": b"x", "archive/a.html": b"x"}))
    assert len({fact.id for fact in reader.facts() if isinstance(fact, Post)}) == 5
    assert reader.counts.skipped == {"files beside the topics, which are not read": 2}


def test_what_is_no_archive_is_told_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"an archive of Zulip has a file 'stream_index.json'; here is notes.txt"):
        list(reader_of(NAME)(written(tmp_path / "x", {"notes.txt": b"x"})).facts())
