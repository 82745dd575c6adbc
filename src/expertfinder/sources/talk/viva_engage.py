"""A network export of Viva Engage (Yammer): `Users.csv`, `Groups.csv`, `Messages.csv`.

- A message of an open community (group), or of none, is read for whoever the source says; of a private one, for its
  members: it is a group. The export does not say who is in one: a file `GroupMembers.csv` with the columns `group_id`
  and `user_id` beside the others does, else nobody is.
- Private conversations are never read.
- `thread_id` and `replied_to_id` are the thread; rows with a time in `deleted_at` are taken back; of several versions
  of a message the last row counts.

Accounts are those of the organisation's sign-in, so the source answers for `email`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from expertfinder.sources.exports import ExportReader, Made, Tree, rows
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.known import Known
from expertfinder.sources.formats import Format
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said
from expertfinder.sources.times import LEFT_SOMETIME

_WHAT: Final = "a network export of Viva Engage"
_MENTION: Final = re.compile(r"\[\[user:(\d+)\]\]")
_NAMED: Final = re.compile(r"\[\[(?:user|group|tag|topic):(\d+)(?::([^\]]*))?\]\]")
_NULLS: Final = frozenset({"null", "NULL", "nil"})
_GONE: Final = frozenset({"suspended", "soft_delete", "hard_delete", "deleted", "disabled"})
"""States of an account that is closed."""


class VivaEngageReader(ExportReader):
    """Reads a network export of Viva Engage (`Reader`)."""

    def begin(self) -> None:
        """Forget an earlier reading."""
        self._private: dict[str, bool] = {}
        self._groups: defaultdict[str, list[str]] = defaultdict(list)
        self._names: dict[str, str] = {}
        self._seen = Known()

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Communities, people, messages."""
        by_name = {name.rpartition("/")[2].lower(): name for name in tree.names}
        tables = {name: by_name.get(f"{name}.csv", "") for name in ("users", "groups", "messages", "groupmembers")}
        messages = tables["messages"] or tree.wanted("Messages.csv", what=_WHAT)
        if tables["groupmembers"]:
            for _, row in rows(tree, tables["groupmembers"]):
                self._groups[_cell(row, "user_id")].append(_cell(row, "group_id"))
        if tables["groups"]:
            for spot, row in rows(tree, tables["groups"]):
                yield from self.facts_of(spot, self._group, row)
        if tables["users"]:
            for spot, row in rows(tree, tables["users"]):
                yield from self.facts_of(spot, self._user, row)
        for spot, row in rows(tree, messages):
            yield from self.facts_of(spot, self._message, row)
        for name in tree.names:
            if name not in tables.values():
                self.left_out("files beside the messages (uploads, topics, administrators), which are not read")
        if any(self._private.values()) and not tables["groupmembers"]:
            self.counts.remarks.append(
                "the export does not say who is in a private community, so nobody may read what is written there: put "
                "GroupMembers.csv (group_id,user_id) beside it"
            )

    def _group(self, row: Raw) -> Made:
        id = _cell(row, "id")
        self._private[id] = _cell(row, "private").lower() != "false"
        if _cell(row, "deleted_at"):
            yield "community", {"type": "Delete", "object": id}
            return
        yield (
            "community",
            {
                "id": id,
                "name": _cell(row, "name"),
                "description": _cell(row, "description"),
                "members": [person for person, groups in self._groups.items() if id in groups],
                "audience": {"groups": [id]} if self._private[id] else None,
            },
        )

    def _user(self, row: Raw) -> Made:
        id, email = _cell(row, "id"), _cell(row, "email")
        self._names[id] = _cell(row, "name", "full_name")
        gone = _time(row, "deleted_at", "suspended_at")
        closed = gone or (LEFT_SOMETIME if _cell(row, "state").lower() in _GONE else None)
        yield (
            "person",
            {
                "id": id,
                "name": self._names[id],
                "title": _cell(row, "job_title"),
                "org_unit": _cell(row, "department"),
                "location": _cell(row, "location"),
                "email": email if "@" in email else None,
                "accounts": [f"yammer:{id}"] if id else [],
                "groups": self._groups.get(id, []),
                "joined_at": _time(row, "joined_at"),
                "left_at": closed,
            },
        )

    def _message(self, row: Raw) -> Made:
        id, group, author = _cell(row, "id"), _cell(row, "group_id"), _cell(row, "sender_id")
        if _cell(row, "in_private_conversation").lower() not in ("", "false"):
            self.left_out("private conversations, which are never read")
            return
        if _cell(row, "deleted_at"):
            self.left_out("deleted messages, which are taken back")
            yield "post", {"type": "Delete", "object": id}
            return
        if _cell(row, "message_type").lower() == "system":
            self.left_out("messages that tell what happened")
            return
        private = self._private.get(group, bool(group)) or _cell(row, "in_private_group").lower() not in ("", "false")
        # Private without a group: who may read it is not known.
        audience = {"groups": [group] if group else []} if private else None
        if author and _cell(row, "sender_type").lower() not in ("", "user"):
            told = self._seen.audience(author, {"audience": audience} if audience else {})
            if told is not None:
                yield "person", {"id": author, "name": _cell(row, "sender_name"), "kind": "machine", **told}
        self.left_out("files and links that hang on messages, which are not read", bool(_cell(row, "attachments")))
        text, when = _cell(row, "body"), _time(row, "created_at")
        parent = _cell(row, "replied_to_id") or _cell(row, "thread_id")
        yield (
            "post",
            {
                "id": id,
                "authors": [author] if author else [],
                "kind": "question" if _cell(row, "message_type").lower() == "question" else "message",
                "title": _cell(row, "title"),
                "text": _NAMED.sub(self._shown, text),
                "created_at": when,
                "parent": parent if parent != id else None,
                "community": group or None,
                "audience": audience,
            },
        )
        for who in dict.fromkeys(_MENTION.findall(text)):
            if author and who != author:
                act = {"id": f"{id}-names-{who}", "actor": author, "verb": "mention", "object": who}
                yield "interaction", act | {"object_type": "person", "created_at": when, "audience": audience}

    def _shown(self, found: re.Match[str]) -> str:
        if found[0].startswith("[[user:"):
            return f"@{self._names.get(found[1]) or found[1]}"
        return found[2] or found[1]


def _cell(row: Raw, *names: str) -> str:
    """The first of these cells that says something."""
    cells = (str(row.get(name) or "").strip() for name in names)
    return next((cell for cell in cells if cell and cell not in _NULLS), "")


def _time(row: Raw, *names: str) -> str:
    """A time with dashes in its day; the API writes slashes (2024/02/29)."""
    cell = _cell(row, *names)
    return f"{cell[:10].replace('/', '-')}{cell[10:]}"


FORMAT = Format(
    name="viva-engage",
    summary="A network export of Viva Engage (Yammer): communities, threads; private ones for their members",
    open=VivaEngageReader,
    keys=("email", "yammer"),
    proves=("email", "yammer"),
    audiences=True,
    withdraws=True,
    place="community",
)
