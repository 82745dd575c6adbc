"""An export of Slack: `users.json`, `channels.json`, and a folder a channel with a file a day.

- Channels of `channels.json` are read for whoever the source says; those of `groups.json`, and any that is marked as
  private, for their members alone: each is a group `CHANNEL-ID`, and the records of people say who is in it.
- Direct messages (`dms.json`, `mpims.json`, their folders) are never opened.
- A message is a post `CHANNEL-ID-TS`. Its thread is `thread_ts`, its place the channel, its text Slack's markup made
  readable; what joins, leaves, renames or calls is no message. A deleted message that the export still marks is taken
  back.
- Reactions are likes, names in a text (`<@U1>`) are mentions; a bot and whatever posts without a user is a machine.

Slack confirms the address of an account, so the source answers for `email`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import (
    ExportReader,
    Made,
    Spot,
    Tree,
    flag,
    json_items,
    listed,
    many,
    number,
    one,
    said,
)
from expertfinder.sources.exports.fields import Raw, since_1970
from expertfinder.sources.exports.known import Known
from expertfinder.sources.formats import Format
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said
from expertfinder.sources.times import LEFT_SOMETIME

SLACKBOT: Final = "USLACKBOT"
"""The account of Slack itself, which `users.json` does not mark as a bot."""
_MESSAGES: Final = frozenset({"", "me_message", "thread_broadcast", "file_share", "file_comment", "bot_message"})
"""Subtypes that are said by somebody; the others say what happened in a channel."""
_DIRECT: Final = "files of direct messages, which are never read"
_UNKNOWN: Final = "files of channels that the export does not describe: nobody may be known to read them"
_ANGLE: Final = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\.json")
_WORKSPACE: Final = re.compile(r"[a-z0-9-]+(?:\.enterprise)?\.slack\.com")


class _Channel:
    """What is known of a channel."""

    __slots__ = ("folder", "id", "members", "name", "private", "record")

    def __init__(self, record: Raw, *, private: bool) -> None:
        self.id = said(record, "id")
        self.name = said(record, "name", "id")
        self.members = listed(record, "members")
        self.private = private or flag(record, "is_private")
        self.folder = f"{self.name}/"
        self.record = record
        if not self.id:
            raise SourceError("a channel needs an 'id'", field="id")


class SlackReader(ExportReader):
    """Reads an export of Slack (`Reader`)."""

    def begin(self) -> None:
        """Forget an earlier reading."""
        self._channels: dict[str, _Channel] = {}
        self._groups: dict[str, list[str]] = {}
        self._names: dict[str, str] = {}
        self._bots = Known()
        self._guests = 0
        self._address = self.options.get("workspace", "").removeprefix("https://").strip("/")
        if self._address and not _WORKSPACE.fullmatch(self._address):
            raise SourceError("'workspace' is an address such as acme.slack.com", field="workspace")

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """People, channels, then the messages of each channel by day."""
        users = "users.json" if "users.json" in tree else "org_users.json"
        tree.wanted(users if users in tree else "users.json", what="an export of Slack")
        direct = self._know_channels(tree)
        for spot, user in json_items(tree, users):
            yield from self.facts_of(spot, self._user, user)
        self.tell_of_guests(self._guests, "Slack")
        for each in self._channels.values():
            if not flag(each.record, "is_general"):  # everybody is in it, and it is about no topic
                yield from self.facts_of(Spot(tree.named("channels.json")), self._community, each.record)
        by_folder = {channel.folder: channel for channel in self._channels.values()}
        for name in tree.names:
            folder, _, day = name.rpartition("/")
            if not folder or not _DAY.fullmatch(day):
                if folder:
                    self.left_out("files beside the messages (uploads, canvases and the like), which are not read")
                continue
            channel = by_folder.get(f"{folder}/")
            if channel is not None:
                for spot, message in json_items(tree, name):
                    yield from self.facts_of(spot, lambda raw, of=channel: self._message(raw, of), message)  # type: ignore[misc]
            else:
                self.left_out(_DIRECT if folder in direct or folder.startswith(("D", "mpdm-")) else _UNKNOWN)

    def _know_channels(self, tree: Tree) -> set[str]:
        """Learn the channels, before the people who are in them. Returns the folders of direct messages."""
        direct: set[str] = set()
        for name, private in (("channels.json", False), ("groups.json", True)):
            if name in tree:
                for spot, record in json_items(tree, name):
                    found = self.tried(spot, lambda raw=record, to=private: self._channel(raw, to))  # type: ignore[misc]
                    if found is not None:
                        self._channels[found.id] = found
                        for member in found.members if found.private else ():
                            self._groups.setdefault(member, []).append(found.id)
        for name in ("dms.json", "mpims.json"):
            if name in tree:
                for spot, record in json_items(tree, name):
                    direct |= self.tried(spot, lambda raw=record: self._folders(raw)) or set()  # type: ignore[misc]
        return direct

    def _channel(self, raw: object, private: bool) -> _Channel | None:
        if not isinstance(raw, dict):
            raise SourceError("a channel is an object")
        if flag(raw, "is_im") or flag(raw, "is_mpim"):
            return None
        return _Channel(raw, private=private)

    def _folders(self, raw: object) -> set[str]:
        if not isinstance(raw, dict):
            raise SourceError("a conversation is an object")
        return {said(raw, "id"), said(raw, "name")} - {""}

    def _user(self, user: Raw) -> Made:
        id, profile = said(user, "id"), one(user, "profile")
        name = said(user, "real_name") or said(profile, "real_name_normalized", "real_name") or said(user, "name")
        self._names[id] = said(user, "name") or name
        bot = flag(user, "is_bot") or flag(user, "is_workflow_bot") or id == SLACKBOT
        guest = flag(user, "is_restricted") or flag(user, "is_ultra_restricted")
        self._guests += guest
        gone = flag(user, "deleted")
        email = said(profile, "email")
        yield (
            "person",
            {
                "id": id,
                "name": name,
                "title": said(profile, "title"),
                "time_zone": said(user, "tz"),
                "email": email if "@" in email else None,
                "accounts": [f"slack:{id}"] if id else [],
                "groups": self._groups.get(id, []),
                "kind": "machine" if bot else None,
                # Slack says that an account is closed, and when it last changed, which mostly is when it was closed.
                "left_at": (since_1970(number(user, "updated")) or LEFT_SOMETIME) if gone else None,
            },
        )

    def _community(self, raw: Raw) -> Made:
        channel = self._channels[said(raw, "id")]
        topic, purpose = said(one(raw, "topic"), "value"), said(one(raw, "purpose"), "value")
        yield (
            "community",
            {
                "id": channel.id,
                "name": channel.name,
                "description": "\n".join(self._plain(text) for text in (purpose, topic) if text),
                "members": channel.members,
                "audience": _audience(channel),
            },
        )

    def _message(self, raw: Raw, channel: _Channel) -> Made:
        subtype, ts = said(raw, "subtype"), said(raw, "ts")
        if subtype == "message_changed":
            yield from self._message(one(raw, "message"), channel)
            return
        if subtype in ("tombstone", "message_deleted"):
            gone = said(raw, "deleted_ts") or ts
            self.left_out("deleted messages, which are taken back")
            yield "post", {"type": "Delete", "object": f"{channel.id}-{gone}" if gone else ""}
            return
        if subtype not in _MESSAGES or flag(raw, "hidden"):
            self.left_out(f"messages that tell what happened ({(subtype or 'hidden')[:40]})")
            return
        id, text = f"{channel.id}-{ts}" if ts else "", said(raw, "text")
        comment = one(raw, "comment")
        author = said(raw, "user") or said(comment, "user")
        if not author and (bot := said(raw, "bot_id")):
            author, of = bot, _audience(channel)
            told = self._bots.audience(bot, {"audience": of} if of else {})
            if told is not None:
                name = said(raw, "username") or said(one(raw, "bot_profile"), "name") or bot
                yield "person", {"id": bot, "name": name, "kind": "machine", **told}
        if files := many(raw, "files"):
            self.left_out("files that hang on messages, which are not read", len(files))
        titles = " ".join(said(each, "title", "name") for each in files if not flag(each, "is_external"))
        thread, audience = said(raw, "thread_ts"), _audience(channel)
        yield (
            "post",
            {
                "id": id,
                "authors": [author] if author else [],
                "kind": "message",
                "text": self._plain(text or said(comment, "comment")) or titles,
                "created_at": since_1970(number(raw, "ts")),
                "parent": f"{channel.id}-{thread}" if thread and thread != ts else None,
                "community": channel.id,
                "url": f"https://{self._address}/archives/{channel.id}/p{ts.replace('.', '')}"
                if self._address
                else None,
                "audience": audience,
            },
        )
        yield from self._acts(raw, id, author, audience)

    def _acts(self, raw: Raw, id: str, author: str, audience: object) -> Made:
        """Reactions and mentions of a message."""
        for reaction in many(raw, "reactions"):
            name, users = said(reaction, "name"), listed(reaction, "users")
            unnamed = max(0, int(number(reaction, "count") or 0) - len(users))
            self.left_out("reactions of people whom the export does not name", unnamed)
            for user in dict.fromkeys(users):
                act = {"id": f"{id}-{name}-{user}", "actor": user, "verb": "like", "object": id, "audience": audience}
                yield "interaction", act
        at = since_1970(number(raw, "ts"))
        for named in dict.fromkeys(_MENTION.findall(said(raw, "text"))):
            if author and named != author:
                act = {"id": f"{id}-names-{named}", "actor": author, "verb": "mention", "object": named}
                yield "interaction", act | {"object_type": "person", "created_at": at, "audience": audience}

    def _plain(self, text: str) -> str:
        """The text as Slack shows it: names for ids, words for links, entities as what they stand for."""
        if "<" in text:
            text = _ANGLE.sub(self._shown, text)
        return html.unescape(text) if "&" in text else text

    def _shown(self, found: re.Match[str]) -> str:
        sort, what, label = found[1], found[2], found[3] or ""
        match sort:
            case "@":
                return f"@{self._names.get(what) or label or what}"
            case "#":
                channel = self._channels.get(what)
                # Slack shows the name of a private channel to its members alone; an unknown channel may be private.
                return f"#{channel.name}" if channel is not None and not channel.private else "#private"
            case "!":
                return label or f"@{what.partition('^')[0]}"
        address = what.removeprefix("mailto:")
        return address if not label or label == address else f"{label} ({address})"


def _audience(channel: _Channel) -> dict[str, list[str]] | None:
    return {"groups": [channel.id]} if channel.private else None


FORMAT = Format(
    name="slack",
    summary="An export of Slack: channels, threads, reactions; private channels for their members, no direct messages",
    open=SlackReader,
    options={"workspace": "Address of the workspace (acme.slack.com), for links to the messages."},
    keys=("email", "slack"),
    proves=("email", "slack"),
    audiences=True,
    machines=True,
    withdraws=True,
    place="channel",
)
