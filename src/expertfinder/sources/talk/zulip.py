"""An export of Zulip: `realm.json` and files `messages-000001.json`, in their archive or unpacked.

- A public channel (stream) is read for whoever the source says, a private one for its subscribers: it is a group, and
  the records of people say who is in it. Where newcomers of a private channel may not read its past, a message is for
  those of its subscribers who received it.
- Direct and group messages are never read.
- A topic is a thread: its first message has the topic as its title, and the others are replies to it.
- Reactions are likes, `@**Name**` is a mention; bots say that they are bots.

Zulip confirms addresses, so the source answers for `email`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Tree, flag, json_items, number, said
from expertfinder.sources.exports.fields import Raw, since_1970
from expertfinder.sources.formats import Format
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said
from expertfinder.sources.times import LEFT_SOMETIME

_CHANNEL: Final = "2"
"""The type of a recipient that is a channel; 1 is a person, 3 a group of people."""
_GUEST: Final = "600"
"""The role of a guest."""
RESOLVED: Final = "✔ "
"""What stands before the topic of a thread that was marked as resolved."""
_MESSAGES: Final = re.compile(r"messages-\d+\.json")
_MENTION: Final = re.compile(r"@(?:_)?\*\*([^*|]+)(?:\|(\d+))?\*\*")


class _Channel:
    """What is known of a channel."""

    __slots__ = ("everything", "id", "name", "private")

    def __init__(self, raw: Raw) -> None:
        self.id = said(raw, "id")
        self.name = said(raw, "name")
        self.private = flag(raw, "invite_only")
        self.everything = not self.private or flag(raw, "history_public_to_subscribers")
        """Whether everybody who may read the channel may read its past."""
        if not self.id:
            raise SourceError("a channel needs an 'id'", field="id")


class ZulipReader(ExportReader):
    """Reads an export of Zulip (`Reader`)."""

    def begin(self) -> None:
        """Forget an earlier reading."""
        self._channels: dict[str, _Channel] = {}  # recipient -> channel
        self._members: defaultdict[str, set[str]] = defaultdict(set)  # channel -> people
        self._groups: defaultdict[str, list[str]] = defaultdict(list)  # person -> private channels
        self._named: dict[str, str] = {}  # full name -> the one who has it; empty where several have
        self._threads: dict[tuple[str, str], str] = {}  # channel and topic -> first message
        self._reacted: set[str] = set()  # messages that have a reaction
        self._closed: set[str] = set()  # messages of channels with a closed past that have a reaction
        self._guests = 0

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """People, channels, messages, reactions."""
        realm = tree.wanted("realm.json", what="an export of Zulip")
        self._know(tree, realm)
        for table in ("zerver_userprofile", "zerver_userprofile_crossrealm", "zerver_userprofile_mirrordummy"):
            for spot, user in json_items(tree, realm, f"{table}.item"):
                yield from self.facts_of(spot, lambda raw, of=table: self._user(raw, of), user)  # type: ignore[misc]
        self.tell_of_guests(self._guests, "Zulip")
        for spot, stream in json_items(tree, realm, "zerver_stream.item"):
            yield from self.facts_of(spot, self._community, stream)
        places: dict[str, str] = {}  # message -> recipient, of those with a reaction
        for _, reaction in json_items(tree, realm, "zerver_reaction.item"):
            self._reacted.add(str(reaction.get("message")) if isinstance(reaction, dict) else "")
        for name in tree.names:
            if _MESSAGES.fullmatch(name):
                yield from self._messages(tree, name, places)
            elif "/" in name:
                self.left_out("files beside the messages (uploads, avatars, emoji), which are not read")
        for spot, reaction in json_items(tree, realm, "zerver_reaction.item"):
            yield from self.facts_of(spot, lambda raw: self._reaction(raw, places), reaction)

    # --- what there is -------------------------------------------------------------------------------------------

    def _know(self, tree: Tree, realm: str) -> None:
        """Learn channels and who is in which."""
        of_recipient: dict[str, str] = {}
        for spot, raw in json_items(tree, realm, "zerver_recipient.item"):
            found = self.tried(spot, lambda row=raw: self._recipient(row))  # type: ignore[misc]
            of_recipient.update(found or {})
        by_id: dict[str, _Channel] = {}
        for spot, raw in json_items(tree, realm, "zerver_stream.item"):
            channel = self.tried(spot, lambda row=raw: self._known(row))  # type: ignore[misc]
            if channel is not None:
                by_id[channel.id] = channel
        self._channels = {recipient: by_id[id] for recipient, id in of_recipient.items() if id in by_id}
        for spot, raw in json_items(tree, realm, "zerver_subscription.item"):
            self.tried(spot, lambda row=raw: self._subscription(row))  # type: ignore[misc]

    def _recipient(self, raw: object) -> dict[str, str]:
        row = _object(raw)
        return {said(row, "id"): said(row, "type_id")} if said(row, "type") == _CHANNEL else {}

    def _known(self, raw: object) -> _Channel:
        return _Channel(_object(raw))

    def _subscription(self, raw: object) -> None:
        row = _object(raw)
        channel, person = self._channels.get(said(row, "recipient")), said(row, "user_profile")
        if channel is None or not person or not flag(row, "active"):
            return
        self._members[channel.id].add(person)
        if channel.private:
            self._groups[person].append(channel.id)

    def _user(self, user: Raw, table: str) -> Made:
        id, name = said(user, "id"), said(user, "full_name")
        self._named[name] = "" if name in self._named else id
        self._guests += said(user, "role") == _GUEST
        email = said(user, "delivery_email", "email")
        # An address that is hidden is made up of the number of the account, and is no key.
        shown = email if "@" in email and not re.match(rf"user{re.escape(id)}@", email) else None
        left = "is_active" in user and not flag(user, "is_active")
        yield (
            "person",
            {
                "id": id,
                "name": name or email,
                "time_zone": said(user, "timezone"),
                "email": shown,
                "accounts": [f"zulip:{id}"] if id else [],
                "groups": self._groups.get(id, []),
                "joined_at": since_1970(number(user, "date_joined")),
                "left_at": LEFT_SOMETIME if left else None,
                "kind": "machine" if flag(user, "is_bot") or table.endswith("_crossrealm") else None,
            },
        )

    def _community(self, stream: Raw) -> Made:
        channel = _Channel(stream)
        if flag(stream, "deactivated"):
            return
        yield (
            "community",
            {
                "id": channel.id,
                "name": channel.name,
                "description": said(stream, "description"),
                "members": sorted(self._members[channel.id]),
                "audience": _audience(channel),
            },
        )

    # --- messages ------------------------------------------------------------------------------------------------

    def _messages(self, tree: Tree, name: str, places: dict[str, str]) -> Iterator[Said | Withdrawal]:
        received = self._received(tree, name)
        for spot, message in json_items(tree, name, "zerver_message.item"):
            yield from self.facts_of(spot, lambda raw: self._message(raw, received, places), message)

    def _received(self, tree: Tree, name: str) -> dict[str, set[str]]:
        """Message -> who received it, of the messages of channels with a closed past: few organisations have one."""
        if all(channel.everything for channel in self._channels.values()):
            return {}
        found: dict[str, set[str]] = {}
        for _, raw in json_items(tree, name, "zerver_message.item"):
            if isinstance(raw, dict):
                channel = self._channels.get(str(raw.get("recipient")))
                if channel is not None and not channel.everything:
                    found[str(raw.get("id"))] = set()
        for _, raw in json_items(tree, name, "zerver_usermessage.item"):
            if isinstance(raw, dict) and (id := str(raw.get("message"))) in found:
                found[id].add(str(raw.get("user_profile")))
        return found

    def _message(self, raw: Raw, received: dict[str, set[str]], places: dict[str, str]) -> Made:
        id, author, recipient = said(raw, "id"), said(raw, "sender"), said(raw, "recipient")
        channel = self._channels.get(recipient)
        if channel is None:
            self.left_out("direct and group messages, which are never read")
            return
        topic = said(raw, "subject").removeprefix(RESOLVED)
        first = self._threads.setdefault((channel.id, topic.casefold()), id)
        if id in self._reacted:
            places[id] = recipient
        audience: dict[str, list[str]] | None = _audience(channel)
        if not channel.everything:
            audience = {"people": sorted(received.get(id, set()) & self._members[channel.id])}
            self._closed |= {id} & self._reacted
        when, text = since_1970(number(raw, "date_sent")), said(raw, "content")
        yield (
            "post",
            {
                "id": id,
                "authors": [author] if author else [],
                "kind": "message",
                "title": topic if first == id else "",
                "text": text,
                "created_at": when,
                "parent": first if first != id else None,
                "community": channel.id,
                "audience": audience,
            },
        )
        for name, number_of in dict.fromkeys(_MENTION.findall(text)):
            who = number_of or self._named.get(name, "")
            if who and who != author and author:
                act = {"id": f"{id}-names-{who}", "actor": author, "verb": "mention", "object": who}
                yield "interaction", act | {"object_type": "person", "created_at": when, "audience": audience}

    def _reaction(self, raw: Raw, places: dict[str, str]) -> Made:
        message, user, name = said(raw, "message"), said(raw, "user_profile"), said(raw, "emoji_name")
        channel = self._channels.get(places.get(message, ""))
        if channel is None or message in self._closed:
            self.left_out("reactions to messages that are not read, or whose readers are few")
            return
        act = {"id": f"{message}-{name}-{user}", "actor": user, "verb": "like", "object": message}
        yield "interaction", act | {"audience": _audience(channel)}


def _audience(channel: _Channel) -> dict[str, list[str]] | None:
    return {"groups": [channel.id]} if channel.private else None


def _object(raw: object) -> Raw:
    if not isinstance(raw, dict):
        raise SourceError("a row of a table is an object")
    return raw


FORMAT = Format(
    name="zulip",
    summary="An export of Zulip: channels, topics, reactions; private channels for their subscribers",
    open=ZulipReader,
    keys=("email", "zulip"),
    proves=("email", "zulip"),
    audiences=True,
    machines=True,
    place="channel",
)
