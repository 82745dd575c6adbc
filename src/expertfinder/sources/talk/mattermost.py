"""A bulk export of Mattermost (`mmctl export`): JSON Lines, alone or in the archive with the files.

- A channel is open to whoever the source says where it is public and its team may be joined by everybody; what is in
  the public channels of a team by invitation is for the team, what is in a private channel for its members. Teams and
  private channels are groups, and the records of people say who is in them.
- Direct and group messages are never read.
- The export gives posts no ids: a post is `TEAM.CHANNEL-MILLISECONDS-USER`, which an edit leaves as it is.
- Replies stand within their post, and are its replies; reactions are likes, `@name` is a mention.

An address is confirmed only where the server asks for it, so the source answers for `mattermost` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Tree, flag, json_lines, many, number, one, said
from expertfinder.sources.exports.fields import Raw, since_1970
from expertfinder.sources.formats import Format
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said

_MENTION: Final = re.compile(r"(?<![\w@.])@([a-z0-9][a-z0-9._-]*)")
_EVERYBODY: Final = frozenset({"all", "channel", "here"})
_HAPPENED: Final = re.compile(
    r"@?\S+ (?:joined|left|(?:was )?(?:added to|removed from)) the (?:channel|team)(?: by \S+)?\."
)
"""What the server itself writes in the name of somebody, and old versions export without its type."""
_TOWN: Final = "town-square"
"""The channel that everybody of a team is in, and cannot leave."""
_WHAT: Final = "a bulk export of Mattermost is lines of JSON, of which the first has the type 'version'"


class MattermostReader(ExportReader):
    """Reads a bulk export of Mattermost (`Reader`)."""

    def begin(self) -> None:
        """Forget an earlier reading."""
        self._open_teams: dict[str, bool] = {}
        self._closed: dict[str, bool] = {}  # channel -> whether it is private
        self._users: set[str] = set()
        self._guests = 0

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Teams and channels, people, then posts: the export has them in this order. Raises `SourceError`."""
        names = tree.under(ending=".jsonl") or ([tree.names[0]] if tree.is_file else [])
        if not names:
            tree.wanted("import.jsonl", what="a bulk export of Mattermost")
        for name in tree.names:
            if name not in names:
                self.left_out("files that hang on messages, which are not read")
        for name in names:
            first = True
            for spot, line in json_lines(tree, name):
                if first and (not isinstance(line, dict) or line.get("type") != "version"):
                    raise SourceError(_WHAT, **spot.extras)
                first = False
                yield from self.facts_of(spot, self._line, line)
            if first:
                raise SourceError(_WHAT, file=tree.named(name))
        self.tell_of_guests(self._guests, "Mattermost")
        if invited := sum(not is_open for is_open in self._open_teams.values()):
            self.counts.remarks.append(
                f"{invited:,} of {len(self._open_teams):,} teams are by invitation: what is in their public channels "
                "is for their members"
            )

    def _line(self, line: Raw) -> Made:
        kind = said(line, "type")
        match kind:
            case "team":
                team = one(line, "team")
                self._open_teams[said(team, "name")] = said(team, "type") == "O" and flag(team, "allow_open_invite")
            case "channel":
                yield from self._channel(one(line, "channel"))
            case "user":
                yield from self._user(one(line, "user"))
            case "bot":
                bot = one(line, "bot")
                self._users.add(said(bot, "username"))
                name = said(bot, "display_name", "username")
                yield "person", {"id": said(bot, "username"), "name": name, "kind": "machine"}
            case "post":
                yield from self._post(one(line, "post"))
            case "direct_post":
                self.left_out("direct and group messages, which are never read")
            case "direct_channel" | "version" | "emoji" | "role" | "scheme":
                return
            case _:
                self.left_out(f"lines of a type that is not read ({kind[:40]})")

    def _channel(self, channel: Raw) -> Made:
        team, name = said(channel, "team"), said(channel, "name")
        if not team or not name:
            raise SourceError("a channel needs a 'team' and a 'name'", field="name")
        place = f"{team}.{name}"
        self._closed[place] = said(channel, "type") != "O"
        if name == _TOWN or number(channel, "deleted_at"):
            return
        yield (
            "community",
            {
                "id": place,
                "name": said(channel, "display_name", "name"),
                "description": "\n".join(filter(None, (said(channel, "purpose"), said(channel, "header")))),
                "audience": self._audience(place),
            },
        )

    def _user(self, user: Raw) -> Made:
        id = said(user, "username")
        self._users.add(id)
        roles = said(user, "roles").split()
        self._guests += "system_guest" in roles
        groups: list[str] = []
        for team in many(user, "teams"):
            groups.append(said(team, "name"))
            places = [f"{said(team, 'name')}.{said(channel, 'name')}" for channel in many(team, "channels")]
            groups += [place for place in places if self._closed.get(place, True)]
        email, gone = said(user, "email"), number(user, "delete_at")
        yield (
            "person",
            {
                "id": id,
                "name": f"{said(user, 'first_name')} {said(user, 'last_name')}".strip() or said(user, "nickname") or id,
                "title": said(user, "position"),
                "email": email if "@" in email else None,
                "accounts": [f"mattermost:{id}"] if id else [],
                "groups": [group for group in groups if group],
                "left_at": since_1970(gone / 1000) if gone else None,
            },
        )

    def _post(self, post: Raw) -> Made:
        team, channel = said(post, "team"), said(post, "channel")
        place = f"{team}.{channel}"
        if place not in self._closed:
            self.left_out("posts of channels that the export does not describe: who may read them is not known")
            return
        id = yield from self._message(post, place, parent="")
        for reply in many(post, "replies"):
            yield from self._message(reply, place, parent=id)

    def _message(self, raw: Raw, place: str, *, parent: str):  # type: ignore[no-untyped-def]
        at, author, audience = number(raw, "create_at"), said(raw, "user"), self._audience(place)
        if not at or not author:
            raise SourceError("a post needs a 'user' and the time 'create_at'", field="create_at" if author else "user")
        id, text = f"{place}-{at:.0f}-{author}", said(raw, "message")
        if said(raw, "type").startswith("system_") or _HAPPENED.fullmatch(text):
            self.left_out("messages that tell what happened (who joined, left, renamed)")
            return id
        if number(raw, "delete_at"):
            self.left_out("deleted messages, which are taken back")
            yield "post", {"type": "Delete", "object": id}
            return id
        self.left_out("files that hang on messages, which are not read", len(many(raw, "attachments")))
        when = since_1970(at / 1000)
        yield (
            "post",
            {
                "id": id,
                "authors": [author],
                "kind": "message",
                "text": text,
                "created_at": when,
                "parent": parent or None,
                "community": place,
                "audience": audience,
            },
        )
        for reaction in many(raw, "reactions"):
            user, name = said(reaction, "user"), said(reaction, "emoji_name")
            act = {"id": f"{id}-{name}-{user}", "actor": user, "verb": "like", "object": id, "audience": audience}
            yield "interaction", act | {"created_at": since_1970((number(reaction, "create_at") or 0) / 1000)}
        for named in dict.fromkeys(_MENTION.findall(text)):
            who = named if named in self._users else named.rstrip(".-_")
            if who in self._users and who != author and who not in _EVERYBODY:
                act = {"id": f"{id}-names-{who}", "actor": author, "verb": "mention", "object": who}
                yield "interaction", act | {"object_type": "person", "created_at": when, "audience": audience}
        return id

    def _audience(self, place: str) -> dict[str, list[str]] | None:
        """Who may read a channel: its members, its team, or whoever the source says."""
        if self._closed.get(place, True):
            return {"groups": [place]}
        team = place.partition(".")[0]
        return None if self._open_teams.get(team) else {"groups": [team]}


FORMAT = Format(
    name="mattermost",
    summary="A bulk export of Mattermost: channels, threads, reactions; private channels for their members",
    open=MattermostReader,
    keys=("email", "mattermost"),
    proves=("mattermost",),
    audiences=True,
    machines=True,
    withdraws=True,
    place="channel",
)
