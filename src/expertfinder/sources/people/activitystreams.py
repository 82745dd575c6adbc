"""ActivityStreams 2.0 (W3C): activities and objects, in collections, in arrays, or one a line.

| in the stream | becomes |
|---|---|
| `Create`, `Update` of a Note, Article, Question ..., or such an object | a post by `attributedTo`, else the actor |
| `inReplyTo`, `context`, `tag` | what is replied to, the place, tags; a `Mention` is an act towards a person |
| a `Person`; an `Application`, `Service`; a `Group`, `Organization` | a person; a machine; a community |
| any other activity | an act; verbs that the vocabulary does not know weigh nothing |
| `Delete`, `Tombstone`, `Undo` | what they name is taken back, wherever they stand in the stream |

Who may read: what is addressed to the public is the source's; what is addressed to collections (`.../followers`) or
groups is for these groups; actors are in the group of their followers. Posts that are addressed to people alone are
direct messages, which are never read. Of several versions of an object the newest counts, in any order of the stream.
Blocks, flags and files are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

import orjson

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Tree, said
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.known import Known
from expertfinder.sources.exports.objects import json_objects
from expertfinder.sources.formats import Format
from expertfinder.sources.html import text_of
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import RecordKind, Said

LISTS: Final = tuple(
    f"{path}.item"
    for path in ("orderedItems", "items", "first.orderedItems", "first.items", "@graph", "outbox.orderedItems")
)
"""Where a collection has its items, as paths of ijson."""
ENDINGS: Final = (".json", ".jsonld", ".ndjson", ".jsonl")
"""Endings of the files of a folder that are read."""
PUBLIC: Final = frozenset({"https://www.w3.org/ns/activitystreams#public", "as:public", "public"})
"""How a stream says "everybody", in small letters (ActivityPub, section 5.6)."""
POSTS: Final[Mapping[str, str]] = {
    "Article": "article",
    "Audio": "audio",
    "Document": "document",
    "Event": "event",
    "Image": "image",
    "Note": "note",
    "Page": "page",
    "Question": "question",
    "Video": "video",
}
"""Types of objects that are posts -> kind of post."""
PEOPLE: Final[Mapping[str, str]] = {"Person": "person", "Application": "machine", "Service": "machine"}
"""Types of actors that are accounts -> kind of account."""
GROUPS: Final = frozenset({"Group", "Organization"})
"""Types of actors that are several people."""
COLLECTIONS: Final = frozenset({"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"})
"""Types of lists."""
PRIVATE: Final = frozenset({"Block", "Flag", "Ignore", "Dislike", "Reject", "TentativeReject"})
"""Activities that say something against somebody: nobody is found or judged by them."""
OF_PEOPLE: Final = frozenset({"Follow", "Invite"})
"""Activities whose object is a person, where nothing else is said."""
ON_ACTIVITIES: Final = frozenset({"Accept", "TentativeAccept"})
"""Activities that answer another: to accept an invitation is no judgement of what somebody wrote."""
DIRECT: Final = "direct messages, which are never read"
ABOUT_ACTIVITIES: Final = "acts on other activities (an invitation that was accepted)"
AGAINST: Final = "blocks, flags and the like, which are nobody else's concern"
NAMED: Final = "items that are only named by their ids"
NAMELESS: Final = "activities whose object is only named in words"
_FOLLOWERS: Final = ("/followers", "/following", "/members")


class ActivityStreamsReader(ExportReader):
    """Reads a stream (`Reader`)."""

    def begin(self) -> None:
        """Forget the objects of an earlier reading."""
        self._gone: set[str] = set()
        self._newest: dict[str, str] = {}
        self._seen = Known()

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Every fact, in the order of the stream."""
        for name in tree.names:
            if tree.is_file or name.lower().endswith(ENDINGS):
                for spot, raw in json_objects(tree, name, LISTS):
                    if isinstance(raw, str):
                        self.left_out(NAMED)
                    else:
                        yield from self.facts_of(spot, self._activity, raw)

    def _activity(self, raw: Raw) -> Made:
        types = _types(raw)
        if not types:
            self.left_out("objects without a type")
        elif types & COLLECTIONS:
            for item in [*_listed(raw, "orderedItems"), *_listed(raw, "items")]:
                if isinstance(item, Mapping):
                    yield from self._activity(item)
        elif types & {"Delete", "Tombstone", "Undo"}:
            yield from self._taken_back(raw, types)
        elif types & {"Create", "Update"}:
            yield from self._made(raw)
        elif types & PRIVATE:
            self.left_out(AGAINST)
        elif types & (POSTS.keys() | PEOPLE.keys() | GROUPS):
            yield from self._object(raw, by=raw, kind_of=types)
        elif "actor" in raw:
            yield from self._act(raw, types)
        else:
            self.left_out(f"objects of types that are not read ({sorted(types)[0][:40]})")

    def _made(self, activity: Raw) -> Made:
        for made in _listed(activity, "object"):
            if isinstance(made, Mapping) and (types := _types(made)):
                yield from self._object(made, by=activity, kind_of=types)
            else:
                self.left_out(NAMELESS)

    def _object(self, made: Raw, *, by: Raw, kind_of: set[str]) -> Made:
        if kind_of & PEOPLE.keys():
            yield from self._person(made, kind_of, _audience(by))
        elif kind_of & GROUPS:
            if id := _id(made):
                yield "community", {"id": id, "name": _words(made, "name")[0], "description": _body(made)[0]}
        elif kind_of & POSTS.keys():
            yield from self._post(made, by=by, kind=next(POSTS[each] for each in sorted(kind_of & POSTS.keys())))
        else:
            self.left_out(f"objects of types that are not read ({sorted(kind_of)[0][:40]})")

    def _person(self, actor: Raw, types: set[str], place: object = None) -> Made:
        """The record of somebody; `place`: who may read where they are described, as `_audience` gives it."""
        id = _id(actor)
        if not id:
            self.left_out("people without an id")
            return
        if place == DIRECT:
            return
        audience = self._seen.audience(id, {"audience": place} if place else {})
        if audience is None:  # it was given before; what it says may have changed
            audience = self._seen.again(id)
        name, handle = _words(actor, "name")[0], said(actor, "preferredUsername")
        host = id.partition("://")[2].partition("/")[0]
        yield (
            "person",
            {
                "id": id,
                "name": name or handle,
                "groups": [group for group in _texts(actor, "followers") if group],
                "bio": _body(actor)[0] or text_of(_words(actor, "summary")[0]),
                "accounts": [f"webfinger:{handle}@{host}"] if handle and host and "@" not in handle else [],
                "kind": PEOPLE[min(types & PEOPLE.keys())],
                **audience,
            },
        )

    def _post(self, made: Raw, *, by: Raw, kind: str) -> Made:
        id = _id(made) or _made_up(made, by)
        if not id:
            self.left_out("posts without an id, an author and a time")
            return
        written = said(made, "updated", "published") or said(by, "updated", "published")
        if id in self._gone or written < self._newest.get(id, ""):
            return
        audience = _audience(made) or _audience(by)
        if audience == DIRECT:
            self.left_out(DIRECT)
            return
        if said(made, "updated") or "Update" in _types(by):  # the first version is known to be older than any other
            self._newest[id] = written
        authors = _ids(made, "attributedTo") or _ids(by, "actor")
        title, language = _words(made, "name")
        text, spoken = _body(made)
        self.left_out("files that are attached", len(_listed(made, "attachment")))
        yield from self._actors(by, "actor", audience)
        yield from self._actors(made, "attributedTo", audience)
        yield (
            "post",
            {
                "id": id,
                "authors": authors,
                "kind": kind if kind != "note" or not made.get("inReplyTo") else "reply",
                "title": title,
                "text": text or text_of(_words(made, "summary")[0]),
                "created_at": said(made, "published") or said(by, "published") or said(made, "updated"),
                "parent": next(iter(_ids(made, "inReplyTo")), ""),
                "community": next(iter(_ids(made, "context")), "") or next(iter(_ids(made, "audience")), ""),
                "tags": [_words(tag, "name")[0].lstrip("#") for tag in _tags(made) if "Mention" not in _types(tag)],
                "language": spoken or language,
                "url": next((link for link in _links(made, "url") if link.startswith(("https://", "http://"))), ""),
                "audience": audience or None,
            },
        )
        for person in dict.fromkeys(_href(tag) for tag in _tags(made) if "Mention" in _types(tag)):
            for author in authors:
                if person:
                    yield self._interaction(
                        f"{id}/mention/{author}/{person}", ("mention", author, person, written), audience, "person"
                    )

    def _act(self, raw: Raw, types: set[str]) -> Made:
        yield from self._actors(raw, "actor", _audience(raw))
        known = sorted(types - {"Activity", "IntransitiveActivity"})
        if not known:
            self.left_out(NAMELESS)
            return
        verb, audience, at = known[0], _audience(raw), said(raw, "published", "updated")
        audience = {"people": _ids(raw, "actor")} if audience == DIRECT else audience
        for place, target in enumerate(_listed(raw, "object")):
            inner = _types(target) if isinstance(target, Mapping) else set()
            if verb in ON_ACTIVITIES and inner and not inner & POSTS.keys():
                self.left_out(ABOUT_ACTIVITIES)
                continue
            object = target if isinstance(target, str) else _id(target) if isinstance(target, Mapping) else ""
            if not object or _id(raw) in self._gone:
                self.left_out(NAMELESS, int(not object))
                continue
            if isinstance(target, Mapping) and inner & PEOPLE.keys():
                yield from self._person(target, inner, _audience(raw))
            sort = "person" if verb in OF_PEOPLE or inner & PEOPLE.keys() else "post"
            for actor in _ids(raw, "actor") or [""]:
                id = _id(raw) and _id(raw) + (f"#{place}" if place else "")
                yield self._interaction(id, (verb.lower(), actor, object, at), audience, sort)

    def _interaction(
        self, id: str, act: tuple[str, str, str, str], audience: object, sort: str
    ) -> tuple[RecordKind, Mapping[str, object]]:
        verb, actor, object, at = act
        record = {"id": id, "verb": verb, "actor": actor, "object": object, "object_type": sort, "created_at": at}
        return "interaction", {**record, "audience": audience or None}

    def _actors(self, raw: Raw, field: str, place: object) -> Made:
        """The records of people whom a field describes, and does not only name by their ids."""
        for actor in _listed(raw, field):
            if isinstance(actor, Mapping) and (types := _types(actor)) & PEOPLE.keys() and _id(actor):
                yield from self._person(actor, types, place)

    def _taken_back(self, raw: Raw, types: set[str]) -> Made:
        if "Tombstone" in types:
            targets: list[object] = [raw]
        else:
            targets = _listed(raw, "object")
        for target in targets:
            id = target if isinstance(target, str) else _id(target) if isinstance(target, Mapping) else ""
            inner = _types(target) if isinstance(target, Mapping) else set()
            former = inner | set(_texts(target, "formerType") if isinstance(target, Mapping) else ())
            if "Undo" in types and isinstance(target, Mapping) and inner & {"Create"}:
                yield from self._taken_back({"type": "Delete", "object": target.get("object")}, {"Delete"})
            elif "Undo" in types and isinstance(target, Mapping) and not id:
                yield from self._undone(target, inner)
            elif not id:
                self.left_out(NAMELESS)
            else:
                self._gone.add(id)
                sort = "interaction" if "Undo" in types else "post"
                if former & PEOPLE.keys() or id in _ids(raw, "actor"):
                    sort = "person"
                elif former & GROUPS:
                    sort = "community"
                yield sort, {"type": "Delete", "object": {"id": id}}  # type: ignore[misc]

    def _undone(self, act: Raw, types: set[str]) -> Made:
        """Take back an act without an id: it is known by its actor, verb, object and time."""
        for verb in sorted(each for each in types if vocabulary().verb(each) is not None)[:1]:
            for actor in _ids(act, "actor"):
                for object in _ids(act, "object"):
                    sort = "person" if verb in OF_PEOPLE else "post"
                    said_then = {"type": verb.lower(), "actor": actor, "object": object, "object_type": sort}
                    at = {"created_at": said(act, "published", "updated")}
                    yield "interaction", {"type": "Undo", "object": {**said_then, **at}}


def _listed(raw: Raw, field: str) -> list[object]:
    """A value that may be one or several."""
    value = raw.get(field)
    return [] if value is None else value if isinstance(value, list) else [value]


def _texts(raw: Raw, field: str) -> list[str]:
    return [value for value in _listed(raw, field) if isinstance(value, str)]


def _types(raw: object) -> set[str]:
    """The types of an object, without the prefix of ActivityStreams; those of other vocabularies are not read."""
    if not isinstance(raw, Mapping):
        return set()
    words = _texts(raw, "type") or _texts(raw, "@type")
    plain = {word.removeprefix("https://www.w3.org/ns/activitystreams#").removeprefix("as:") for word in words}
    return {word for word in plain if ":" not in word}


def _id(raw: Raw) -> str:
    return said(raw, "id", "@id")


def _ids(raw: Raw, field: str) -> list[str]:
    """The ids that a field names, directly or in an object or link."""
    found = [
        value if isinstance(value, str) else (_id(value) or said(value, "href")) if isinstance(value, Mapping) else ""
        for value in _listed(raw, field)
    ]
    return list(dict.fromkeys(id for id in found if id))


def _made_up(made: Raw, by: Raw) -> str:
    """An id for a post without one: of its activity, else of author, time and words; empty where these lack."""
    if by is not made and (id := _id(by)):
        return f"{id}#object"
    known = [_ids(made, "attributedTo") or _ids(by, "actor"), said(made, "published") or said(by, "published")]
    if not all(known):
        return ""
    told = orjson.dumps([*known, _words(made, "name"), _words(made, "content")])
    return f"sha256-{hashlib.sha256(told).hexdigest()}"


def _tags(raw: Raw) -> list[Raw]:
    return [tag for tag in _listed(raw, "tag") if isinstance(tag, Mapping)]


def _href(tag: Raw) -> str:
    return said(tag, "href") or _id(tag)


def _links(raw: Raw, field: str) -> list[str]:
    found = (
        value if isinstance(value, str) else _href(value) if isinstance(value, Mapping) else ""
        for value in _listed(raw, field)
    )
    return [link for link in found if link]


def _words(raw: Raw, field: str) -> tuple[str, str]:
    """The text of a field and its language: `name`, or else the first language of `nameMap`."""
    value = raw.get(field)
    if isinstance(value, str) and value:
        return value, ""
    if value is not None and not isinstance(value, str | list | Mapping):
        raise SourceError(f"{field!r} must be text", field=field)
    each = value if isinstance(value, Mapping) else raw.get(f"{field}Map")
    if isinstance(each, Mapping):
        for language in sorted(each):
            if isinstance(each[language], str):
                return each[language], str(language)
    return "", ""


def _body(raw: Raw) -> tuple[str, str]:
    """What an object says, as text, and in which language."""
    text, language = _words(raw, "content")
    form = said(raw, "mediaType")
    if form in ("", "text/html") or form.startswith("text/html;"):
        return (text_of(text) if "<" in text or "&" in text else text), language
    return (text if form.startswith("text/") else ""), language


def _audience(raw: Raw) -> object:
    """Who may read: `DIRECT` where it is addressed to people alone, else the groups; `None` for everybody whom the
    source lets read it, and where nothing is said."""
    named: list[tuple[str, set[str]]] = []
    for field in ("to", "cc", "bto", "bcc", "audience"):
        for value in _listed(raw, field):
            id = value if isinstance(value, str) else _id(value) if isinstance(value, Mapping) else ""
            named.append((id, _types(value)))
    if not named or any(id.lower() in PUBLIC for id, _ in named):
        return None
    groups = [id for id, types in named if id.endswith(_FOLLOWERS) or types & (GROUPS | COLLECTIONS)]
    groups += [id for id in _ids(raw, "audience") if id not in groups]
    return {"groups": list(dict.fromkeys(id for id in groups if id))} if groups else DIRECT


FORMAT = Format(
    name="activitystreams",
    summary="Activities and objects of ActivityStreams 2.0 (W3C), in JSON",
    open=ActivityStreamsReader,
    keys=("webfinger",),
    audiences=True,
    machines=True,
    withdraws=True,
    place="context",
)
