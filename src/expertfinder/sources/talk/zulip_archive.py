"""A public archive of Zulip, as Zulip's own tool `zulip-archive` keeps it: `stream_index.json` and a file a topic.

- A file `ID-channel/topic.json` has the messages of a topic: who wrote (a name, no account), when, and HTML. Signs that
  the name of a file cannot have are written as `.20` there.
- The tool keeps what everybody may read, so all of it is read for whoever the source says.
- A topic is a thread: its first message has the topic as its title, and the others are replies to it. A message that
  stands in two files was moved: the topic that is marked as resolved counts, or the later one by name.
- A name is all that is known of a person: two people of one name are one here, and nothing is proven. `@Name` in a
  text is a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.cleaning import one_line
from expertfinder.sources.exports import ExportReader, Made, Spot, Tree, json_document, json_items, number, one, said
from expertfinder.sources.exports.fields import Raw, since_1970, told
from expertfinder.sources.formats import Format
from expertfinder.sources.html import text_of
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said
from expertfinder.sources.talk.zulip import RESOLVED

_INDEX: Final = "stream_index.json"
_TOPIC: Final = re.compile(r"(?:.*/)?(?P<channel>\d+)-(?P<name>[^/]*)/(?P<topic>[^/]+)\.json")
_SIGNS: Final = re.compile(r"(?:\.[0-9A-F]{2})+")
_MENTION: Final = re.compile(r'class="user-mention(?: silent)?" data-user-id="\d+">@?([^<]+)</span>')


class ZulipArchiveReader(ExportReader):
    """Reads an archive of `zulip-archive` (`Reader`)."""

    def begin(self) -> None:
        """Forget an earlier reading."""
        self._threads: dict[tuple[str, str], str] = {}  # channel and topic -> first message
        self._people: set[str] = set()

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Channels, then the messages of each topic; people where they are first named."""
        index = next((name for name in tree.names if name.endswith(f"/{_INDEX}")), _INDEX)
        tree.wanted(index, what="an archive of Zulip")
        names = self.tried(Spot(tree.named(index)), lambda: _names(json_document(tree, index))) or {}
        found = [at for at in map(_TOPIC.fullmatch, tree.names) if at is not None]
        for channel, folder in {at["channel"]: at["name"] for at in found}.items():
            community = {"id": channel, "name": names.get(channel) or _plain(folder)}
            yield from self.facts_of(Spot(tree.named(index)), lambda raw: [("community", raw)], community)
        for at in sorted(found, key=lambda at: (at["channel"], _plain(at["topic"]).startswith(RESOLVED), at["topic"])):
            topic = _plain(at["topic"]).removeprefix(RESOLVED)
            made = partial(self._message, channel=at["channel"], topic=topic)
            for spot, message in json_items(tree, at[0]):
                yield from self.facts_of(spot, made, message)
        self.left_out("files beside the topics, which are not read", len(tree.names) - len(found) - 1)

    def _message(self, raw: Raw, channel: str, topic: str) -> Made:
        id, author, html = said(raw, "id"), one_line(said(raw, "sender_full_name")), said(raw, "content")
        names = dict.fromkeys(one_line(text_of(name)) for name in _MENTION.findall(html))
        mentioned = [name for name in names if name not in ("", author)]
        for name in (author, *mentioned):
            if name and name not in self._people:
                self._people.add(name)
                yield "person", {"id": name, "name": name}
        first = self._threads.setdefault((channel, topic.casefold()), id)
        when = since_1970(number(raw, "timestamp"))
        yield (
            "post",
            {
                "id": id,
                "authors": [author] if author else [],
                "kind": "message",
                "title": topic if first == id else "",
                "text": text_of(html),
                "created_at": when,
                "parent": first if first != id else None,
                "community": channel,
            },
        )
        for name in mentioned if author else ():
            act = {"id": f"{id}-names-{name}", "actor": author, "verb": "mention", "object": name}
            yield "interaction", act | {"object_type": "person", "created_at": when}


def _names(index: object) -> Mapping[str, str]:
    """Channel -> its name. A channel that was renamed stands there under each: the one with the newest message counts.

    Raises `SourceError`.
    """
    streams = one(told(index), "streams")
    found: dict[str, tuple[float, str]] = {}
    for name, raw in streams.items():
        if not isinstance(raw, Mapping):
            raise SourceError("a channel is an object", field=name)
        id, newest = said(raw, "id"), number(raw, "latest_id") or 0
        found[id] = max((newest, name), found.get(id, (0, name)))
    return {id: name for id, (_, name) in found.items()}


def _plain(written: str) -> str:
    """The name of a channel or topic as people write it, made of the name of a file."""
    return _SIGNS.sub(lambda signs: bytes.fromhex(signs[0].replace(".", "")).decode(errors="replace"), written)


FORMAT = Format(
    name="zulip-archive",
    summary="A public archive of Zulip, as its tool zulip-archive keeps it: channels, topics, mentions",
    open=ZulipArchiveReader,
    place="channel",
)
