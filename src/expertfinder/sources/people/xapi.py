"""xAPI (IEEE 9274.1.1, and 1.0.x): the statements of a learning record store, an answer of `GET /statements` or a
statement a line.

| in the statements | becomes |
|---|---|
| an activity (a course, a video, a topic of a forum) | a post of nobody, its place the activity that it is a part of |
| who taught (`taught`, `presented`, `mentored` ...), `context.instructor` | the act `teach`: expertise |
| who answered, asked or commented in words | a post: expertise, as any other |
| who completed, passed, attempted, viewed ... | the acts `complete` and `view`: interest |
| who attended | the act `attend` |
| an answer to a test | interest; what was answered and how well is never read |
| a statement that is voided | is taken back, wherever it stands |

People are their address, its hash, their OpenID or their account. Of a group each member did it. Statements say nothing
of who may read them: `--audience` does. Results, scores, attachments and statements within statements are left out.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from typing import Final

import orjson

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Tree, many, one, said
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.objects import json_objects
from expertfinder.sources.formats import Format
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import RecordKind, Said

ENDINGS: Final = (".json", ".ndjson", ".jsonl")
"""Endings of the files of a folder that are read."""
VOIDED: Final = "http://adlnet.gov/expapi/verbs/voided"
"""The verb that takes a statement back; it is the same everywhere (part two, section 2.3.2)."""
TEACHING: Final = frozenset(
    {"taught", "teach", "instructed", "presented", "lectured", "mentored", "tutored", "coached", "trained", "hosted"}
    | {"facilitated", "moderated", "explained", "demonstrated"}
)
"""Last words of verbs by which somebody tells others what they know."""
WRITING: Final[Mapping[str, str]] = {
    **dict.fromkeys(("answered", "replied", "responded"), "answer"),
    **dict.fromkeys(("asked", "questioned"), "question"),
    **dict.fromkeys(("commented", "reviewed", "discussed", "noted"), "comment"),
    **dict.fromkeys(("authored", "created", "wrote", "published", "posted", "blogged"), "post"),
}
"""Last words of verbs by which somebody wrote something -> kind of post."""
COMPLETING: Final = frozenset(
    {"completed", "passed", "mastered", "finished", "satisfied", "earned", "waived", "graduated"}
)
"""Last words of verbs of reaching the end of something: interest, and no proof of knowing it."""
VIEWING: Final = frozenset(
    {"attempted", "experienced", "initialized", "launched", "progressed", "interacted", "viewed", "read", "watched"}
    | {"played", "listened", "opened", "accessed", "registered", "enrolled", "searched", "downloaded", "bookmarked"}
)
"""Last words of verbs of looking at something."""
SAME: Final[Mapping[str, str]] = {"attended": "attend", "shared": "share", "liked": "like", "recommended": "share"} | {
    **dict.fromkeys(("favorited", "favourited", "voted-up", "up-voted"), "like"),
    **dict.fromkeys(("followed", "subscribed"), "follow"),
    **dict.fromkeys(("edited", "updated", "revised"), "edit"),
    "rated": "rate",
}
"""Last words of verbs -> the verb of the vocabulary that means the same."""
UNSAID: Final = frozenset(
    {"failed", "terminated", "exited", "suspended", "resumed", "paused", "seeked", "scored", "abandoned", "logged-in"}
    | {"logged-out", "unregistered", "unenrolled", "disliked", "withdrew", "cancelled", "stopped", "closed"}
)
"""Last words of verbs that are no evidence of anything, or that concern nobody but the person (to have failed)."""
TESTS: Final = frozenset({"cmi.interaction", "question", "assessment"})
"""Last words of types of activities that are tests."""
NOT_READ: Final = "statements that say how somebody did or when they came and went"
RESULTS: Final = "answers to tests, of which only that there was one is read"
WITHIN: Final = "statements within statements, which are plans"
FILES: Final = "files that are attached"
_SORTED: Final = orjson.OPT_SORT_KEYS


Native = tuple[RecordKind, Mapping[str, object]]
"""A native record, with its kind."""


class XapiReader(ExportReader):
    """Reads statements (`Reader`). Only ids and names are kept in memory: of activities, people and who taught what."""

    def begin(self) -> None:
        """Forget the statements of an earlier reading."""
        self._voided: dict[str, None] = {}
        self._people: dict[str, str] = {}
        self._activities: dict[str, tuple[str, str, str]] = {}
        self._taught: Counter[str] = Counter()
        self._teaching: dict[str, list[str]] = {}

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Every fact in the order of the statements; what is voided is taken back at the end."""
        for name in tree.names:
            if tree.is_file or name.lower().endswith(ENDINGS):
                for spot, raw in json_objects(tree, name, ["statements.item"]):
                    yield from self.facts_of(spot, self._statement, raw)
        source = self.source.id
        for id in self._voided:
            yield Withdrawal("post", f"{source}:{id}")
            yield Withdrawal("interaction", f"{source}:{id}")
            for key in self._teaching.get(id, ()):
                self._taught[key] -= 1
                if not self._taught[key]:
                    yield Withdrawal("interaction", f"{source}:{key}")

    def _statement(self, raw: Raw) -> Made:
        verb = said(one(raw, "verb"), "id")
        target = one(raw, "object")
        if verb.rstrip("/") == VOIDED:
            if id := said(target, "id"):
                self._voided[id.lower()] = None
            return
        if not verb:
            raise SourceError("a statement has no verb", field="verb")
        # A store gives each statement an id; the id of one without is a hash of its content.
        id = said(raw, "id").lower() or f"sha256-{hashlib.sha256(orjson.dumps(raw, option=_SORTED)).hexdigest()}"
        word = verb.rstrip("/#").replace("#", "/").rpartition("/")[2].lower()
        sort = said(target, "objectType") or "Activity"
        if sort == "SubStatement":
            self.left_out(WITHIN)
            return
        if word in UNSAID:
            self.left_out(NOT_READ)
            return
        self.left_out(FILES, len(many(raw, "attachments")))
        context, at = one(raw, "context"), said(raw, "timestamp", "stored")
        actors: list[str] = yield from self._agents(one(raw, "actor"))
        object = said(target, "id")
        if sort == "Activity" and object:
            yield from self._activity(target, context)
            teachers = yield from self._agents(one(context, "instructor"))
            for teacher in dict.fromkeys([*teachers, *(actors if word in TEACHING else [])]):
                yield self._teach(id, teacher, object, at)
        elif sort in ("Agent", "Group"):
            for person in (yield from self._agents(target)):
                for actor in actors:
                    told = "teach" if word in TEACHING else word
                    yield "interaction", {**_act(f"{id}/{person}", told, actor, person, at), "object_type": "person"}
            return
        if not object:
            raise SourceError("a statement is of nothing: its object has no id", field="object")
        if word in TEACHING:
            return
        kind = said(one(target, "definition"), "type").rstrip("/").rpartition("/")[2].lower()
        if word in WRITING and not (kind in TESTS and WRITING[word] == "answer"):
            yield "post", self._post(raw, (id, WRITING[word]), actors, object, at)
            return
        if word in WRITING:
            self.left_out(RESULTS)
        told = (
            "complete" if word in COMPLETING or word in WRITING else "view" if word in VIEWING else SAME.get(word, word)
        )
        for place, actor in enumerate(actors or [""]):
            yield "interaction", _act(id + (f"/{place}" if place else ""), told, actor, object, at)

    def _post(self, raw: Raw, named: tuple[str, str], actors: list[str], object: str, at: str) -> Mapping[str, object]:
        id, kind = named
        context = one(raw, "context")
        return {
            "id": id,
            "authors": actors,
            "kind": kind,
            "text": said(one(raw, "result"), "response"),
            "created_at": at,
            "parent": said(one(context, "statement"), "id").lower() or object,
            "community": _above(context) or object,
            "language": said(context, "language"),
        }

    def _teach(self, statement: str, teacher: str, activity: str, at: str) -> Native:
        key = f"teach/{teacher}/{activity}"
        self._taught[key] += 1
        self._teaching.setdefault(statement, []).append(key)
        return "interaction", _act(key, "teach", teacher, activity, at)

    def _activity(self, activity: Raw, context: Raw) -> Made:
        id, definition = said(activity, "id"), one(activity, "definition")
        title, language = _spoken(definition, "name", said(context, "language"))
        text, _ = _spoken(definition, "description", language)
        known = self._activities.get(id, ("", "", ""))
        found = (title or known[0], text or known[1], _above(context) or known[2])
        if found != known or id not in self._activities:
            self._activities[id] = found
            link = said(definition, "moreInfo") or id
            yield (
                "post",
                {
                    "id": id,
                    "kind": said(definition, "type").rstrip("/").rpartition("/")[2].lower() or "activity",
                    "title": found[0],
                    "text": found[1],
                    "community": found[2],
                    "language": language,
                    "url": link if link.startswith(("https://", "http://")) and " " not in link else "",
                },
            )

    def _agents(self, agent: Raw) -> Generator[Native, None, list[str]]:
        """Yields the records of people who are new or have a new name; returns the ids of all in an agent or group."""
        if not agent:
            return []
        if said(agent, "objectType") == "Group" or agent.get("member"):
            found: list[str] = []
            for member in many(agent, "member"):
                found += yield from self._agents({**member, "objectType": "Agent", "member": None})
            return found
        id, accounts = _who(agent)
        name = said(agent, "name")
        if id and self._people.get(id, None) != name and (name or id not in self._people):
            self._people[id] = name
            yield "person", {"id": id, "name": name, "accounts": accounts}
        return [id] if id else []


def _who(agent: Raw) -> tuple[str, list[str]]:
    """The id of an agent (section 2.4.2.3), and its account keys; both empty where it has none."""
    mail = said(agent, "mbox").removeprefix("mailto:").strip().lower()
    if "@" in mail:
        return mail, [f"email:{mail}"]
    for field in ("mbox_sha1sum", "openid"):
        if value := said(agent, field):
            return value, [f"{field}:{value}"]
    account = one(agent, "account")
    name, home = said(account, "name"), said(account, "homePage").rstrip("/")
    if not name:
        return "", []
    return f"{home}/{name}", [f"email:{name.lower()}"] if "@" in name else [f"account:{home}/{name}"]


def _act(id: str, verb: str, actor: str, object: str, at: str) -> Mapping[str, object]:
    return {"id": id, "verb": verb, "actor": actor, "object": object, "created_at": at}


def _above(context: Raw) -> str:
    """The id of the activity that this one is a part of: of `grouping`, else of `parent`; empty for none."""
    activities = context.get("contextActivities")
    for field in ("grouping", "parent"):
        found = activities.get(field) if isinstance(activities, Mapping) else None
        for each in found if isinstance(found, list) else [found]:  # before 1.0.1 it was one, and no list
            if isinstance(each, Mapping) and (id := said(each, "id")):
                return id
    return ""


def _spoken(definition: Raw, field: str, language: str) -> tuple[str, str]:
    """A text and its language: the one that is wanted where it is there, else the first."""
    texts = {str(name): text for name, text in one(definition, field).items() if isinstance(text, str) and text}
    found = language if language in texts else next(iter(sorted(texts)), "")
    return texts.get(found, ""), "" if found == "und" else found


FORMAT = Format(
    name="xapi",
    summary="Statements of a learning record store (xAPI 1.0 and 2.0), in JSON",
    open=XapiReader,
    keys=("email", "mbox_sha1sum", "openid", "account"),
    withdraws=True,
    place="the activity above",
)
