"""Chats, forums of firms and mailing lists: each read once more here, in a few lines and without its reader."""

from __future__ import annotations

import csv
import email
import email.policy
import json
import mailbox
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from tests.sources.examples import example, files_of, reader_of, written
from tests.sources.truth import Told, check_again, check_leaks, check_truth, read_facts

from expertfinder.errors import SourceError
from expertfinder.model import Community, Fact, Interaction, Person, Post
from expertfinder.sources import ExportReader, Withdrawal

Files = dict[str, bytes]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def mattermost(path: Path) -> dict[str, Told]:
    lines = [json.loads(line) for line in (path / "import.jsonl").read_text().splitlines()]
    kinds = {
        (c["channel"]["team"], c["channel"]["name"]): c["channel"]["type"] for c in lines if c["type"] == "channel"
    }
    invited = {t["team"]["name"] for t in lines if t["type"] == "team" and not t["team"]["allow_open_invite"]}
    found = {}

    def tell(raw: dict[str, object], team: str, channel: str, parent: str) -> str:
        id = f"{team}.{channel}-{raw['create_at']}-{raw['user']}"
        groups = (f"{team}.{channel}",) if kinds[team, channel] == "P" else (team,) if team in invited else None
        if not raw.get("delete_at") and not str(raw["message"]).endswith("joined the channel."):
            at = _at(int(str(raw["create_at"])) / 1000)
            found[id] = Told((str(raw["user"]),), parent, f"{team}.{channel}", at, groups, str(raw["message"]))
        return id

    for post in (line["post"] for line in lines if line["type"] == "post"):
        if (post["team"], post["channel"]) in kinds:
            first = tell(post, post["team"], post["channel"], "")
            for reply in post["replies"] or ():
                tell(reply, post["team"], post["channel"], first)
    return found


def zulip(path: Path) -> dict[str, Told]:
    realm = json.loads((path / "realm.json").read_text())
    streams = {stream["recipient"]: stream for stream in realm["zerver_stream"]}
    found: dict[str, Told] = {}
    threads: dict[tuple[int, str], str] = {}
    for name in sorted(path.glob("messages-*.json")):
        for raw in json.loads(name.read_text())["zerver_message"]:
            stream = streams.get(raw["recipient"])
            if stream is None or stream["name"] == "payroll":  # see test_a_closed_past_...
                continue
            id = str(raw["id"])
            first = threads.setdefault((raw["recipient"], raw["subject"].lstrip("✔ ").lower()), id)
            place = str(stream["id"])
            found[id] = Told(
                (str(raw["sender"]),),
                first if first != id else "",
                place,
                _at(raw["date_sent"]),
                (place,) if stream["invite_only"] else None,
                raw["content"],
            )
    return found


def teams(path: Path) -> dict[str, Told]:
    open_teams = {team["id"] for team in _values(path / "groups.json") if team["visibility"] == "Public"}
    channels = {each["id"]: ("t-mill", each["membershipType"]) for each in _values(path / "mill-channels.json")}
    of_board = _values(path / "teams/t-board/channels.json")
    channels |= {each["id"]: ("t-board", each["membershipType"]) for each in of_board}
    raws = [*_values(path / "pumps.json")]
    raws += [json.loads(line) for line in (path / "other-messages.jsonl").read_text().splitlines()]
    found = {}
    for raw in [each for top in raws for each in (top, *top.get("replies", ()))]:
        place = (raw["channelIdentity"] or {}).get("channelId")
        if place not in channels or raw["deletedDateTime"] or raw["messageType"] != "message":
            continue
        team, kind = channels[place]
        groups = (place,) if kind != "standard" else None if team in open_teams else (team,)
        sender = raw["from"]["user"] or raw["from"]["application"]
        parent = f"{place}-{raw['replyToId']}" if raw["replyToId"] else ""
        at = datetime.fromisoformat(raw["createdDateTime"])
        words = raw["body"]["content"].split(">")[-2].split("<")[0] if "<p>" in raw["body"]["content"] else ""
        found[f"{place}-{raw['id']}"] = Told((sender["id"],), parent, place, at, groups, words)
    return found


def _values(path: Path) -> list[dict[str, object] | object]:
    return json.loads(path.read_text())["value"]  # type: ignore[no-any-return]


def viva_engage(path: Path) -> dict[str, Told]:
    found = {}
    with (path / "Messages.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["in_private_conversation"] == "true" or row["deleted_at"]:
                continue
            parent = row["replied_to_id"] or (row["thread_id"] if row["thread_id"] != row["id"] else "")
            groups = (row["group_id"],) if row["in_private_group"] == "true" else None
            at = datetime.fromisoformat(row["created_at"].replace("/", "-").replace(" +0000", "Z"))
            words = row["body"].partition("[[")[0].strip()
            found[row["id"]] = Told((row["sender_id"],), parent, row["group_id"], at, groups, words)
    return found


def _mails(mails: Iterator[email.message.EmailMessage]) -> dict[str, Told]:
    """By the policy of the library that understands addresses and dates itself."""
    found = {}
    for mail in mails:
        if "List-Id" not in mail or "Auto-Submitted" in mail:
            continue
        header = mail["Reply-To"] if " via " in mail["From"] else mail["From"]
        references = [*(mail["In-Reply-To"] or "").split(), *reversed((mail["References"] or "").split())]
        at = mail["Date"].datetime if mail["Date"].datetime else None
        if at is None and mail.get_unixfrom():
            at = datetime.strptime(str(mail.get_unixfrom()).split(" ", 2)[2], "%a %b %d %H:%M:%S %Y").replace(
                tzinfo=UTC
            )
        found[mail["Message-ID"].strip("<>")] = Told(
            (header.addresses[0].addr_spec.lower(),),
            references[0].strip("<>") if references else "",
            "pumps.lists.mill.example",
            at.astimezone(UTC) if at else None,
            None,
            mail["Subject"],
        )
    return found


def mbox(path: Path) -> dict[str, Told]:
    parsed = mailbox.mbox(path, factory=lambda file: email.message_from_binary_file(file, policy=email.policy.default))
    mails = []
    for key in parsed.keys():  # noqa: SIM118 - a mailbox is no mapping
        raw = parsed.get_bytes(key, from_=True)
        first, _, rest = raw.partition(b"\n")
        mail = email.message_from_bytes(rest, policy=email.policy.default)
        mail.set_unixfrom(first.decode())
        mails.append(mail)
    parsed.close()
    return _mails(iter(mails))


def maildir(path: Path) -> dict[str, Told]:
    files = [each for part in ("cur", "new") for each in (path / part).iterdir() if not each.name.endswith("T")]
    return _mails(email.message_from_bytes(each.read_bytes(), policy=email.policy.default) for each in files)


@dataclass(frozen=True)
class Case:
    """A source, what the export of it says, and what is changed in its example."""

    told: Callable[[Path], dict[str, Told]]
    newer: dict[str, Callable[[bytes], bytes]]
    """File -> how it is edited for a newer export: a message says something else, one is gone, somebody left."""
    clean: dict[str, Callable[[bytes], bytes] | None]
    """How the private place is taken away; `None`: the file is."""
    outsiders: tuple[str, ...]
    insider: str
    left: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)
    """What the private place holds besides: of those who have left it, of machines and guests in it alone, deleted."""
    options: dict[str, str] = field(default_factory=dict)
    """With which the private place is read, where it takes one."""


def edited(
    files: Files, edits: dict[str, Callable[[bytes], bytes]] | dict[str, Callable[[bytes], bytes] | None]
) -> Files:
    found = dict(files)
    for name, edit in edits.items():
        if edit is None:
            del found[name]
        else:
            found[name] = edit(files[name])
            assert found[name] != files[name], f"{name} is not edited"
    return found


def without_lines(*words: str) -> Callable[[bytes], bytes]:
    """The lines that have none of the words."""

    def edit(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        return b"".join(line for line in lines if not any(word.encode() in line for word in words))

    return edit


def replaced(*pairs: str) -> Callable[[bytes], bytes]:
    def edit(content: bytes) -> bytes:
        for old, new in zip(pairs[::2], pairs[1::2], strict=True):
            assert old.encode() in content, old
            content = content.replace(old.encode(), new.encode())
        return content

    return edit


def without_items(path: str, *ids: object) -> Callable[[bytes], bytes]:
    """A document of JSON without the rows of a table that have one of these ids."""

    def edit(content: bytes) -> bytes:
        document = orjson.loads(content)
        document[path] = [row for row in document[path] if row["id"] not in ids]
        return orjson.dumps(document)

    return edit


def with_items(path: str, *rows: dict[str, object]) -> Callable[[bytes], bytes]:
    """A document of JSON with more rows in a table."""

    def edit(content: bytes) -> bytes:
        document = orjson.loads(content)
        document[path] += rows
        return orjson.dumps(document)

    return edit


def added(*lines: str) -> Callable[[bytes], bytes]:
    return lambda content: content + "".join(f"{line}\n" for line in lines).encode()


def teams_sale(content: bytes) -> bytes:
    """Messages of the private channel: of Bob, who has left it; of a guest of it alone; one of his that was deleted."""
    first = orjson.loads(content.splitlines()[0])
    for n, (id, name, text, deleted) in enumerate(
        [
            ("u-bob", "Bob Lindqvist", "I drop out of the sale of the pump", None),
            ("u-guest", "Gerd Guest", "The pump is worth it", None),
            ("u-bob", "Bob Lindqvist", "Forget this", "2025-01-08T09:00:00Z"),
        ]
    ):
        user = {"id": id, "displayName": name, "userIdentityType": "aadUser"}
        told = {"id": f"173624090000{n}", "from": {"application": None, "user": user}, "deletedDateTime": deleted}
        content += orjson.dumps(first | told | {"body": {"contentType": "text", "content": text}}) + b"\n"
    return content


def without_deleted(content: bytes) -> bytes:
    """An answer of Graph that never had the messages that were deleted."""
    document = orjson.loads(content)
    kept = [raw for raw in document["value"] if not raw["deletedDateTime"]]
    for raw in kept:
        raw["replies"] = [reply for reply in raw.get("replies", ()) if not reply["deletedDateTime"]]
    return orjson.dumps(document | {"value": kept})


def without_mail(id: str) -> Callable[[bytes], bytes]:
    def edit(content: bytes) -> bytes:
        mails = content.split(b"\nFrom ")
        return b"\nFrom ".join(mail for mail in mails if f"Message-ID: <{id}>".encode() not in mail)

    return edit


def both(*edits: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def edit(content: bytes) -> bytes:
        for each in edits:
            content = each(content)
        return content

    return edit


GREASED = replaced("grease it monthly", "grease it weekly")
CASES = {
    "mattermost": Case(
        told=mattermost,
        newer={
            "import.jsonl": both(
                replaced("grease it monthly", "grease it weekly", '"edit_at": 1736154200000, ', ""),
                without_lines("Minutes: the mill"),
                replaced('{"name": "sale", "roles": "channel_user", "favorite": false}', '{"name": "pumps"}'),
            )
        },
        clean={
            "import.jsonl": without_lines(
                '"channel": "sale"', '"sale", "display', '"channel": "minutes"', '"Minutes"', "Forget this", "direct"
            )
        },
        outsiders=("ann", "bob"),
        insider="cleo",
        left={
            "import.jsonl": added(
                '{"type": "post", "post": {"team": "mill", "channel": "sale", "user": "bob", "message": "I drop out of '
                'the sale of the pump, @cleo", "create_at": 1736240900000, "reactions": [{"user": "ann", "create_at": '
                '1736240900000, "emoji_name": "eyes"}], "replies": [{"user": "bob", "message": "Forget this", '
                '"create_at": 1736240910000, "delete_at": 1736240920000}]}}'
            )
        },
    ),
    "zulip": Case(
        told=zulip,
        newer={
            "messages-000001.json": both(GREASED, without_items("zerver_message", 101)),
            "realm.json": replaced('"user_profile": 13,\n   "active": true', '"user_profile": 13,\n   "active": false'),
        },
        clean={
            "messages-000002.json": without_items("zerver_message", 106, 107, 108, 109, 110, 111),
            "realm.json": both(without_items("zerver_stream", 6, 7), without_items("zerver_reaction", 3, 4, 5)),
        },
        outsiders=("11", "14"),
        insider="13",
        left={
            "messages-000002.json": with_items(
                "zerver_message",
                {"id": 112, "sender": 11, "recipient": 22, "subject": "closing", "date_sent": 1736241000.0}
                | {"content": "I drop out of the sale of the pump, @**Cleo Aydın**"},
                {"id": 113, "sender": 14, "recipient": 23, "subject": "raise", "date_sent": 1736241100.0}
                | {"content": "Then I leave, and the pump with me"},
            ),
            "realm.json": with_items(
                "zerver_reaction",
                {"id": 6, "message": 106, "user_profile": 11, "emoji_name": "eyes"},
                {"id": 7, "message": 113, "user_profile": 14, "emoji_name": "eyes"},
            ),
        },
    ),
    "teams": Case(
        told=teams,
        newer={
            "pumps.json": both(
                GREASED, replaced('"deletedDateTime": "2025-01-06T09:07:00Z"', '"deletedDateTime": null')
            ),
            "other-messages.jsonl": without_lines("Their auditors"),
            "sale-members.json": replaced("u-cleo", "u-bob"),
        },
        clean={
            "other-messages.jsonl": without_lines("19:sale", "19:minutes", "19:chat"),
            "pumps.json": without_deleted,
            "mill-channels.json": without_items("value", "19:sale@thread.tacv2"),
            "teams/t-board/channels.json": None,
        },
        outsiders=("u-ann", "u-fay", "u-bob"),
        insider="u-cleo",
        left={
            "other-messages.jsonl": teams_sale,
            "sale-members.json": with_items("value", {"userId": "u-guest", "displayName": "Gerd Guest"}),
        },
    ),
    "viva-engage": Case(
        told=viva_engage,
        newer={
            "Messages.csv": both(GREASED, without_lines("Their auditors")),
            "GroupMembers.csv": replaced("6,13", "6,12"),
        },
        clean={
            "Messages.csv": without_lines(",13,User", "Forget this", "tinderglass"),
            "Groups.csv": without_lines("6,Sale"),
        },
        outsiders=("11", "12"),
        insider="13",
        left={
            "Messages.csv": added(
                '120,107,,107,,6,,,true,false,12,User,,,"I drop out of the sale of the pump, [[user:13]]",,,,,'
                "2025-01-08T09:00:00.000Z,,",
                "121,107,,107,,6,,,true,false,91,Bot,Ledger feed,,The pump has a price,,,,,2025-01-08T09:01:00.000Z,,",
                "122,107,,107,,6,,,true,false,12,User,,,Forget this,,,12,,2025-01-08T09:02:00.000Z,"
                "2025-01-08T09:03:00.000Z,",
            )
        },
    ),
    "mbox": Case(
        told=mbox,
        newer={"mbox.mbox": both(GREASED, without_mail("a2@mill.example"))},
        clean={"mbox.mbox": without_mail("p1@mill.example")},
        outsiders=("cleo@mill.example",),
        insider="ann@mill.example",
        options={"mailbox": "ann@mill.example"},
    ),
    "maildir": Case(
        told=maildir,
        newer={"cur/1738576900.q2.host:2,": GREASED},
        clean={"new/1736240800.p1.host": None, "cur/1738577000.t1.host:2,ST": None},
        outsiders=("cleo@mill.example",),
        insider="ann@mill.example",
        options={"mailbox": "ann@mill.example"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_threads_authors_times_places_and_audience_are_those_of_the_export(name: str) -> None:
    facts = list(reader_of(name)(example(name)).facts())
    check_truth(
        [fact for fact in facts if not fact.id.endswith((":108", ":109"))] if name == "zulip" else facts,
        CASES[name].told(example(name)),
    )


def files_with(name: str, folder: Path, edits: dict[str, Callable[[bytes], bytes] | None]) -> Path:
    """The example with some of its files edited; a single file stays one."""
    path = example(name)
    root = written(folder, edited(files_of(path), edits))
    return root / path.name if path.is_file() else root


@pytest.mark.parametrize("name", CASES)
def test_a_second_import_changes_nothing_and_a_newer_export_is_as_if_it_came_first(name: str, tmp_path: Path) -> None:
    newer = files_with(name, tmp_path / "newer", dict(CASES[name].newer))
    check_again(reader_of(name), example(name), newer, tmp_path)


@pytest.mark.parametrize("name", CASES)
def test_who_is_not_in_a_private_place_hears_nothing_of_it(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    make = reader_of(name, **case.options)
    clean = files_with(name, tmp_path / "clean", dict(case.clean))
    words = [] if case.options else ["tinderglass", "Forget this"]
    full = files_with(name, tmp_path / "full", dict(case.left))
    check_leaks(make(full), make(clean), outsiders=case.outsiders, insider=case.insider, words=words)


@pytest.mark.parametrize("name", CASES)
def test_it_knows_how_far_it_is_and_reads_the_same_twice(name: str) -> None:
    reader = reader_of(name)(example(name))
    assert isinstance(reader, ExportReader)
    once = list(reader.facts())
    assert reader.total == len(once)
    skipped = dict(reader.counts.skipped)
    assert list(reader.facts()) == once
    assert dict(reader.counts.skipped) == skipped
    assert any("never read" in why or "somebody's own" in why for why in skipped), skipped


# --- what each source says besides -----------------------------------------------------------------------------------


def facts_of(name: str, **options: str) -> dict[str, Person | Post | Interaction | Community]:
    found = read_facts(reader_of(name, **options)(example(name)))
    return {fact.id.removeprefix("shop:"): fact for fact in found}  # type: ignore[misc]


def acts(name: str) -> set[tuple[str, str, str, str]]:
    return {
        tuple(each.removeprefix("shop:") for each in (a.actor, a.verb, a.object, a.audience.scope))  # type: ignore[misc]
        for a in facts_of(name).values()
        if isinstance(a, Interaction)
    }


def machines(name: str) -> set[str]:
    return {each.name for each in facts_of(name).values() if isinstance(each, Person) and each.kind == "machine"}


def test_reactions_and_mentions() -> None:
    first = "mill.pumps-1736154000100-bob"
    assert acts("mattermost") == {
        ("ann", "like", first, "organisation"),
        ("bob", "like", "mill.pumps-1736154100200-ann", "organisation"),
        ("ann", "mention", "bob", "organisation"),
        ("bob", "mention", "eve", "organisation"),
        ("cleo", "mention", "ann", "groups"),
    }
    assert acts("zulip") == {
        ("11", "like", "101", "organisation"),
        ("12", "like", "102", "organisation"),
        ("13", "like", "106", "groups"),
        ("11", "mention", "12", "organisation"),
        ("14", "mention", "11", "organisation"),
        ("13", "mention", "11", "groups"),
    }
    pumps = "19:pumps@thread.tacv2"
    assert acts("teams") == {
        ("u-ann", "like", f"{pumps}-1736154000100", "organisation"),
        ("u-ann", "mention", "u-bob", "organisation"),
    }
    assert acts("viva-engage") == {("11", "mention", "12", "organisation"), ("13", "mention", "11", "groups")}


def test_machines_leavers_and_keys() -> None:
    assert machines("mattermost") == machines("teams") == machines("viva-engage") == {"Alarm feed"}
    assert machines("zulip") == {"Notification Bot"}
    for name, dan in (("mattermost", "dan"), ("zulip", "14"), ("teams", "u-dan"), ("viva-engage", "14")):
        person = facts_of(name)[dan]
        assert isinstance(person, Person)
        assert person.left_at is not None
    ann = facts_of("teams")["u-ann"]
    assert isinstance(ann, Person)
    assert ann.accounts == ("idp:u-ann", "employee:7", "email:ann@mill.example")
    assert (ann.title, ann.org_unit) == ("Process engineer", "Engineering")


def test_a_closed_past_is_for_those_who_received_it_and_are_still_there() -> None:
    facts = facts_of("zulip")
    readers = {id: facts[id].audience.people for id in ("108", "109")}
    # Dan received the second and is no subscriber any more; Bob came after the first.
    assert readers == {"108": ("shop:13",), "109": ("shop:12", "shop:13")}


def test_what_a_mail_quotes_and_signs_is_nobodys_own_word() -> None:
    from expertfinder.index.posts.own_words import own_words

    facts = facts_of("mbox")
    answer, html, question = facts["a1@mill.example"], facts["a2@mill.example"], facts["q1@mill.example"]
    assert isinstance(answer, Post)
    assert isinstance(html, Post)
    assert isinstance(question, Post)
    assert own_words(answer).text == "The gasket shrinks. Täke the silicone one."
    assert own_words(html).text == "Mind the torque: 12 Nm"
    assert "shift two" not in own_words(question).text
    assert answer.title == "Re: Why does the north pump léak"
    assert facts["ann@mill.example"].name == "Ann Mársh"  # type: ignore[union-attr]


def test_somebodys_own_mailbox_is_refused_unless_named(tmp_path: Path) -> None:
    mails = example("mbox").read_bytes().replace(b"List-Id:", b"X-Nothing:")
    own = tmp_path / "own.mbox"
    own.write_bytes(mails)
    with pytest.raises(SourceError, match=r"none of its 6 mails went over a list.*--list NAME.*--mailbox ADDRESS"):
        list(reader_of("mbox")(own).facts())
    of_a_list = [fact for fact in reader_of("mbox", list="pumps")(own).facts() if isinstance(fact, Post)]
    assert {post.community for post in of_a_list} == {"shop:pumps"}
    named = {fact.id: fact for fact in reader_of("mbox", mailbox="Ann@mill.example")(own).facts()}
    assert {type(fact) for fact in named.values()} == {Post}, "whom a mailbox names is nobody's business"
    private = named["shop:p1@mill.example"].audience  # type: ignore[union-attr]
    assert private.scope == "private"
    assert set(private.people) == {"shop:ann@mill.example", "shop:bob@mill.example"}
    with pytest.raises(SourceError, match="not both"):
        list(reader_of("mbox", mailbox="ann@mill.example", list="pumps")(own).facts())


PIPERMAIL = b"""From ann at mill.example  Mon Jan  6 09:00:00 2025
From: ann at mill.example (Ann Marsh)
Date: Mon, 6 Jan 2025 09:00:00 +0000
Subject: [Pumps] Caf\xe9 pump
Message-ID: <1@mill.example>

It leaks.
>From here on nobody knows.

From the text, which is no beginning

From bob at mill.example  Mon Jan  6 10:00:00 2025
From: Bob =?unknown-8bit?q?L=F6v?= <bob at mill.example>
Date: 32 Foo 2025
Subject: Re: [Pumps]
 =?utf-8?b?Q2Fmw6k=?= pump
In-Reply-To: <1@mill.example>

No id.
"""


def test_an_archive_of_a_list_is_read_with_its_hidden_addresses_and_broken_heads(tmp_path: Path) -> None:
    (tmp_path / "2025-January.txt").write_bytes(PIPERMAIL)
    reader = reader_of("mbox", list="pumps")(tmp_path / "2025-January.txt")
    facts = read_facts(reader)
    people = {fact.id: fact.name for fact in facts if isinstance(fact, Person)}
    assert people == {"shop:ann@mill.example": "Ann Marsh", "shop:bob@mill.example": "Bob Löv"}
    first, second = (fact for fact in facts if isinstance(fact, Post))
    assert (first.title, first.text.splitlines()[1]) == ("[Pumps] Café pump", "From here on nobody knows.")
    assert first.text.endswith("no beginning")
    assert (second.title, second.parent) == ("Re: [Pumps] Café pump", "shop:1@mill.example")
    assert second.created_at == datetime(2025, 1, 6, 10, tzinfo=UTC), "of the line before the mail"
    assert reader.counts.notes["mails without an id, which are told by what they say"] == 1


def test_a_teams_channel_that_no_file_describes_is_nobodys_to_read(tmp_path: Path) -> None:
    files = {name: content for name, content in files_of(example("teams")).items() if "channels" not in name}
    reader = reader_of("teams")(written(tmp_path / "x", files))
    assert not [fact for fact in reader.facts() if isinstance(fact, Post)]
    assert reader.counts.skipped["messages of channels that no file describes: who may read them is not known"] > 5


def test_answers_of_graph_that_a_tool_wrote_with_capitals_are_the_same(tmp_path: Path) -> None:
    """The layout and the names are those of the export from which Zulip imports Teams."""

    def capital(value: object) -> object:
        if isinstance(value, dict):
            return {name[:1].upper() + name[1:]: capital(each) for name, each in value.items()}
        return [capital(each) for each in value] if isinstance(value, list) else value

    path = example("teams")
    members = {"Name": "displayName", "UserId": "userId", "UserName": "email"}
    lines = (path / "other-messages.jsonl").read_text().splitlines()
    messages = [*_values(path / "pumps.json"), *(json.loads(line) for line in lines)]
    listed = {"Name": "displayName", "Privacy": "visibility", "GroupsId": "id"}
    teams = [{to: team[of] for to, of in listed.items()} for team in _values(path / "groups.json")]  # type: ignore[index]
    files = {"teams/teamsList.json": teams, "users/usersList.json": capital(_values(path / "users.json"))}
    files["users/u-bob/messages_u-bob.json"] = capital([m for m in messages if m["chatId"]])  # type: ignore[index]
    for team, name in (("t-mill", "mill-"), ("t-board", "teams/t-board/")):
        files[f"teams/{team}/channels_{team}.json"] = capital(_values(path / f"{name}channels.json"))
        people = _values(path / f"{name}members.json")
        files[f"teams/{team}/teamMembers_{team}.json"] = [{to: p[of] for to, of in members.items()} for p in people]  # type: ignore[index]
        of_team = [m for m in messages if (m["channelIdentity"] or {}).get("teamId") == team]  # type: ignore[index]
        files[f"teams/{team}/messages_{team}.json"] = capital(of_team)
    sale = "teams/t-mill/channels/19:sale@thread.tacv2/members.json"  # the export has none of private channels
    files[sale] = capital(_values(path / "sale-members.json"))
    export = written(tmp_path / "x", {name: json.dumps(value).encode() for name, value in files.items()})
    reader = reader_of("teams")(export)

    def in_order(facts: Iterable[Fact | Withdrawal]) -> dict[str, Fact | Withdrawal]:
        return {f.id: replace(f, groups=tuple(sorted(f.groups))) if isinstance(f, Person) else f for f in facts}

    assert in_order(reader.facts()) == in_order(reader_of("teams")(path).facts())
    assert len(reader.counts.remarks) == 1, "of guests"
    (export / sale).unlink()
    list(reader.facts())
    assert "channels for members whom no file names, so that nobody can read them here: 1;" in reader.counts.remarks[1]


def test_members_of_a_private_community_are_asked_for(tmp_path: Path) -> None:
    files = files_of(example("viva-engage"))
    del files["GroupMembers.csv"]
    reader = reader_of("viva-engage")(written(tmp_path / "x", files))
    assert all(not fact.groups for fact in reader.facts() if isinstance(fact, Person))
    assert "put GroupMembers.csv (group_id,user_id) beside it" in reader.counts.remarks[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mattermost", "a bulk export of Mattermost has a file 'import.jsonl'; here is notes.txt"),
        ("zulip", "an export of Zulip has a file 'realm.json'; here is notes.txt"),
        ("teams", "an answer of Microsoft Graph about messages has a file 'messages.json'; here is notes.txt"),
        ("viva-engage", "a network export of Viva Engage has a file 'Messages.csv'; here is notes.txt"),
        ("mbox", "there is no mail in it: an mbox file begins with a line 'From '"),
        ("maildir", "there is no mail in it: a maildir has its mails in folders 'cur' and 'new'"),
    ],
)
def test_what_is_no_export_is_told_what_is_wanted(name: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=words):
        list(reader_of(name)(written(tmp_path / "x", {"notes.txt": b"x"})).facts())
