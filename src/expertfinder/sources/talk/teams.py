"""Messages of Microsoft Teams as Microsoft Graph gives them: a folder (or archive) of its answers, one a file.

Each file is one answer, as it came: a page (`{"value": [...]}`), a list, or JSON Lines. What it holds is told by its
first record: messages of channels (`GET /teams/{id}/channels/{id}/messages?$expand=replies`, `.../getAllMessages`),
channels, teams (or groups), members and users. Whose channels or members they are is read from `@odata.context`, or
from the path of the file where it is that of the request (`teams/ID/channels/ID/members.json`). Tools that write the
same answers with capitals (`{"Id": ..., "CreatedDateTime": ...}`, in `teamsList.json`, `usersList.json`,
`teams/ID/messages_ID.json`) are read alike.

- A standard channel of a public team is read for whoever the source says; of any other team, for its members; a private
  or shared channel for those of the channel. Teams and channels are groups. Messages of a channel that no file
  describes are left out: who may read them is not known.
- Chats are never read.
- A message is a post `CHANNEL-ID`, `replyToId` its parent. A deleted one is taken back.
- Reactions are likes, mentions mentions; an application is a machine.

Graph is the directory itself: the source answers for `idp` (the object id of an account), `email` and `employee`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Final
from urllib.parse import unquote

from expertfinder.errors import SourceError
from expertfinder.sources.exports import (
    ExportReader,
    Made,
    Spot,
    Tree,
    json_document,
    json_items,
    json_lines,
    many,
    one,
    said,
)
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.known import Known
from expertfinder.sources.exports.streams import WHOLE_LIMIT
from expertfinder.sources.formats import Format
from expertfinder.sources.html import text_of
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said
from expertfinder.sources.times import LEFT_SOMETIME

_TEAM: Final = re.compile(r"(?:teams|groups)(?:\('([^']+)'\)|/([^/]+)/)")
_CHANNEL: Final = re.compile(r"channels(?:\('([^']+)'\)|/([^/]+)/)")
_LINES: Final = (".jsonl", ".ndjson")
DEEP: Final = 20
"""Levels of a record whose names are read: a reply that mentions somebody has eight, and nothing we read has more."""
_MESSAGES, _CHANNELS, _USERS, _MEMBERS, _TEAMS = "messages", "channels", "users", "members", "teams"


class _Channel:
    """What is known of a channel."""

    __slots__ = ("description", "id", "kind", "name", "team")

    def __init__(self, raw: Raw, team: str) -> None:
        self.id, self.team, self.name = said(raw, "id"), team, said(raw, "displayName")
        self.kind = said(raw, "membershipType")
        self.description = said(raw, "description")


class TeamsReader(ExportReader):
    """Reads answers of Microsoft Graph about Teams (`Reader`)."""

    def begin(self) -> None:
        """Forget an earlier reading."""
        self._channels: dict[str, _Channel] = {}
        self._teams: dict[str, tuple[str, bool]] = {}  # id -> name, whether everybody may join it
        self._groups: defaultdict[str, dict[str, None]] = defaultdict(dict)  # person -> teams and channels
        self._members: dict[str, Raw] = {}  # person -> a membership, which has name and address
        self._seen = Known()
        self._guests = 0

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Every fact: people, channels, then messages. Files of teams, channels and members are read before."""
        kinds = {name: self._kind_of(tree, name) for name in tree.names}
        if _MESSAGES not in kinds.values():
            tree.wanted("messages.json", what="an answer of Microsoft Graph about messages")
        for kind in (_TEAMS, _CHANNELS, _MEMBERS):
            for name in (name for name in tree.names if kinds[name] == kind):
                for spot, raw, where in self._items(tree, name):
                    self.tried(spot, lambda raw=raw, of=kind, at=where: self._learn(raw, of, at))  # type: ignore[misc]
        for name in (name for name in tree.names if kinds[name] == _USERS):
            for spot, raw, _ in self._items(tree, name):
                yield from self.facts_of(spot, self._user, raw)
        for person, raw in self._members.items():
            if person not in self._seen:
                place = self._place(self._groups[person])
                yield from self.facts_of(Spot(str(self.path)), partial(self._named, person, place=place), raw)
        self.tell_of_guests(self._guests, "Teams")
        inside = defaultdict(list)
        for person, groups in self._groups.items():
            for group in groups:
                inside[group].append(person)
        self._tell_of_empty(inside)
        for channel in self._channels.values():
            members = inside[channel.team if channel.kind == "standard" else channel.id]
            yield from self.facts_of(Spot(str(self.path)), lambda _, c=channel, m=members: self._community(c, m), {})  # type: ignore[misc]
        for name in tree.names:
            if kinds[name] == _MESSAGES:
                for spot, raw, _ in self._items(tree, name):
                    yield from self.facts_of(spot, self._message, raw)
            elif not kinds[name]:
                self.left_out("files of another kind, which are not read")

    # --- files ---------------------------------------------------------------------------------------------------

    def _kind_of(self, tree: Tree, name: str) -> str:
        """What a file holds, by its first record; empty for what is not known."""
        if not name.lower().endswith((".json", *_LINES)) and not tree.is_file:
            return ""
        first = next((raw for _, raw, _ in self._items(tree, name)), None)
        if not isinstance(first, dict):
            return ""
        if "messageType" in first or "channelIdentity" in first or "chatId" in first:
            return _MESSAGES
        if "membershipType" in first:
            return _CHANNELS
        if "userPrincipalName" in first:
            return _USERS
        if "userId" in first or str(first.get("@odata.type", "")).endswith("ConversationMember"):
            return _MEMBERS
        return _TEAMS if "visibility" in first or "groupsId" in first else ""

    def _items(self, tree: Tree, name: str) -> Iterator[tuple[Spot, object, str]]:
        """The records of a file, each with the text that says whose it is: the context of the answer, or the path."""
        for spot, raw, where in self._as_written(tree, name):
            yield spot, _as_graph(raw), where

    def _as_written(self, tree: Tree, name: str) -> Iterator[tuple[Spot, object, str]]:
        if name.lower().endswith(_LINES):
            for spot, raw in json_lines(tree, name):
                yield spot, raw, name
        elif tree.size_of(name) <= WHOLE_LIMIT:
            document, file = json_document(tree, name), tree.named(name)
            where, rows = name, document
            if isinstance(document, dict):
                context = document.get("@odata.context")
                where = unquote(context) if isinstance(context, str) and _TEAM.search(context) else name
                rows = document["value"] if isinstance(document.get("value"), list) else [document]
            for at, raw in enumerate(rows if isinstance(rows, list) else (), start=1):
                yield Spot(file, record=at), raw, where
        else:
            with tree.open(name) as file_:
                path = "item" if file_.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"[" else "value.item"
            for spot, raw in json_items(tree, name, path):
                yield spot, raw, name

    # --- who and where -------------------------------------------------------------------------------------------

    def _learn(self, raw: object, kind: str, where: str) -> None:
        if not isinstance(raw, dict):
            raise SourceError("a record is an object")
        team, channel = _named(_TEAM, where), _named(_CHANNEL, where)
        match kind:
            case "teams":
                public = said(raw, "visibility", "privacy").lower() == "public"
                self._teams[said(raw, "id", "groupsId")] = said(raw, "displayName", "name"), public
            case "channels":
                found = _Channel(raw, team or said(raw, "teamId"))
                self._channels[found.id] = found
            case _:
                person = said(raw, "userId")
                group = channel or team
                if person and group:
                    self._groups[person][group] = None
                    self._members.setdefault(person, raw)

    def _user(self, user: Raw) -> Made:
        id = said(user, "id")
        self._seen.audience(id, {})
        self._guests += said(user, "userType").lower() == "guest"
        mail, number = said(user, "mail", "userPrincipalName"), said(user, "employeeId")
        closed = user.get("accountEnabled") is False
        yield (
            "person",
            {
                "id": id,
                "name": said(user, "displayName"),
                "title": said(user, "jobTitle"),
                "org_unit": said(user, "department"),
                "location": said(user, "officeLocation", "city"),
                "email": mail if "@" in mail else None,
                "accounts": [f"idp:{id}", *([f"employee:{number}"] if number else [])] if id else [],
                "groups": list(self._groups.get(id, ())),
                "languages": [language] if (language := said(user, "preferredLanguage")) else [],
                "left_at": said(user, "employeeLeaveDateTime") or (LEFT_SOMETIME if closed else None),
            },
        )

    def _named(self, id: str, raw: Raw, place: Mapping[str, object], *, machine: bool = False) -> Made:
        """The record of somebody whom no list of users has. `place`: the audience field of where they are named."""
        audience = self._seen.audience(id, place)
        if audience is None:
            return
        raw = self._members.get(id, raw)
        mail = said(raw, "email", "userName")
        yield (
            "person",
            {
                "id": id,
                "name": said(raw, "displayName", "name"),
                "email": mail if "@" in mail else None,
                "accounts": [] if machine else [f"idp:{id}"],
                "groups": list(self._groups.get(id, ())),
                "kind": "machine" if machine else None,
                **audience,
            },
        )

    def _place(self, groups: Iterable[str]) -> dict[str, object]:
        """The audience field for somebody who is in these teams and channels; empty where one of them is open."""
        closed: list[str] = []
        for group in groups:
            channel = self._channels.get(group)
            audience = self._audience(channel) if channel is not None else self._of_team(group)
            if audience is None:
                return {}
            closed += audience["groups"]
        return {"audience": {"groups": closed}}

    def _community(self, channel: _Channel, members: list[str]) -> Made:
        team = self._teams.get(channel.team, ("", False))[0]
        yield (
            "community",
            {
                "id": channel.id,
                "name": " / ".join(filter(None, (team, channel.name))),
                "description": channel.description,
                "members": members,
                "audience": self._audience(channel),
            },
        )

    def _audience(self, channel: _Channel) -> dict[str, list[str]] | None:
        """Who may read a channel: whoever the source says, its team, or its own members."""
        if channel.kind != "standard":
            return {"groups": [channel.id]}
        return self._of_team(channel.team)

    def _tell_of_empty(self, inside: Mapping[str, list[str]]) -> None:
        """Say how many channels nobody will be able to read, because no file names who is in them."""
        closed = [groups["groups"] for groups in map(self._audience, self._channels.values()) if groups is not None]
        empty = sum(not any(inside.get(group) for group in groups) for groups in closed)
        if empty:
            self.counts.remarks.append(
                f"channels for members whom no file names, so that nobody can read them here: {empty:,}; keep the "
                "answers of `members` for their teams and, where they are private or shared, for the channels"
            )

    def _of_team(self, team: str) -> dict[str, list[str]] | None:
        return None if self._teams.get(team, ("", False))[1] else {"groups": [team]}

    # --- messages ------------------------------------------------------------------------------------------------

    def _message(self, raw: Raw) -> Made:
        if said(raw, "chatId"):
            self.left_out("messages of chats, which are never read")
            return
        place = said(one(raw, "channelIdentity"), "channelId")
        channel = self._channels.get(place)
        if channel is None:
            self.left_out("messages of channels that no file describes: who may read them is not known")
            return
        yield from self._told(raw, channel)
        for reply in many(raw, "replies"):
            yield from self._told(reply, channel)

    def _told(self, raw: Raw, channel: _Channel) -> Made:
        number, kind, audience = said(raw, "id"), said(raw, "messageType"), self._audience(channel)
        id, parent = f"{channel.id}-{number}" if number else "", said(raw, "replyToId")
        if kind not in ("", "message"):
            self.left_out("messages that tell what happened (members, names, calls)")
            return
        if said(raw, "deletedDateTime"):
            self.left_out("deleted messages, which are taken back")
            yield "post", {"type": "Delete", "object": id}
            return
        sender, body = one(raw, "from"), one(raw, "body")
        user, program = one(sender, "user"), one(sender, "application")
        author = said(user, "id") or said(program, "id")
        if author:
            machine, place = not said(user, "id"), {"audience": audience} if audience else {}
            yield from self._named(author, program if machine else user, place, machine=machine)
        self.left_out("files and cards that hang on messages, which are not read", len(many(raw, "attachments")))
        content, when = said(body, "content"), said(raw, "createdDateTime")
        yield (
            "post",
            {
                "id": id,
                "authors": [author] if author else [],
                "kind": "message",
                "title": said(raw, "subject"),
                "text": text_of(content) if said(body, "contentType").lower() == "html" else content,
                "created_at": when,
                "parent": f"{channel.id}-{parent}" if parent and parent != number else None,
                "community": channel.id,
                "url": said(raw, "webUrl") or None,
                "audience": audience,
            },
        )
        for reaction in many(raw, "reactions"):
            who = said(one(one(reaction, "user"), "user"), "id")
            name = said(reaction, "reactionType")
            act = {"id": f"{id}-{name}-{who}", "actor": who, "verb": "like", "object": id, "audience": audience}
            yield "interaction", act | {"created_at": said(reaction, "createdDateTime")}
        mentioned = [said(one(one(mention, "mentioned"), "user"), "id") for mention in many(raw, "mentions")]
        for who in dict.fromkeys(mentioned):
            if who and author and who != author:
                act = {"id": f"{id}-names-{who}", "actor": author, "verb": "mention", "object": who}
                yield "interaction", act | {"object_type": "person", "created_at": when, "audience": audience}


def _as_graph(raw: object, deep: int = DEEP) -> object:
    """A record with the names that Graph gives its fields: some tools write them with capitals."""
    if not deep:
        return raw
    if isinstance(raw, dict):
        return {name[:1].lower() + name[1:]: _as_graph(value, deep - 1) for name, value in raw.items()}
    return [_as_graph(each, deep - 1) for each in raw] if isinstance(raw, list) else raw


def _named(pattern: re.Pattern[str], where: str) -> str:
    """The id after `teams` or `channels` in the address of a request; empty where it has none."""
    found = pattern.search(where)
    return (found[1] or found[2]) if found else ""


FORMAT = Format(
    name="teams",
    summary="Messages of Microsoft Teams, as Microsoft Graph gives them: channels, replies, reactions; no chats",
    open=TeamsReader,
    keys=("idp", "email", "employee"),
    proves=("idp", "email", "employee"),
    audiences=True,
    machines=True,
    withdraws=True,
    place="channel",
)
