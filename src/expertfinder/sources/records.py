"""One native record (a JSON object) to one fact. No files here: the HTTP door and the bulk ingest use it too.

Every `parse_*` takes the record and its source and gives the fact, with the names of the fields that it did not
understand. What is wrong raises `SourceError` with `field`; the caller adds file and line. The format is written down
without Python in `api/*.schema.json` and `docs/import.md`; tests tie the three together.

`null`, the empty text and an absent field are the same. Ids get the source's id in front (`source:id`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Literal, cast, get_args

import orjson

from expertfinder.configuration.machines import machines
from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.errors import SourceError
from expertfinder.identity import is_personal, key_of
from expertfinder.model import NOBODY, AccountKind, Audience, Community, Interaction, Person, Post, Source
from expertfinder.policy import audience_of
from expertfinder.sources.activities import TAKEN_BACK, target_of
from expertfinder.sources.cleaning import is_plain, is_unicode, many_lines, normal, one_line
from expertfinder.sources.reader import Counts, Occurrences, Withdrawal
from expertfinder.sources.times import LEFT_SOMETIME, NoTime, meant, moment

RecordKind = Literal["person", "post", "interaction", "community"]
KINDS: tuple[RecordKind, ...] = get_args(RecordKind)
Record = Mapping[str, object]
Said = Person | Post | Interaction | Community
"""A fact that a source gives."""

ANONYMOUS = "anonymous"
"""The actor or author that stands for nobody in particular."""

_COMMON = frozenset({"id", "type", "source", "audience"})
FIELDS: dict[RecordKind, frozenset[str]] = {
    "person": _COMMON
    | {"name", "title", "org_unit", "location", "bio", "skills", "knowsAbout", "languages", "manager", "groups", "kind"}
    | {"availability", "time_zone", "accounts", "email", "joined_at", "left_at", "hidden", "judged", "turned_to_by"},
    "post": _COMMON
    | {"authors", "kind", "title", "text", "created_at", "parent", "tags", "community", "language", "url"},
    "interaction": _COMMON | {"actor", "verb", "object", "object_type", "created_at", "value"},
    "community": _COMMON | {"name", "description", "members", "leads", "parent"},
}
"""The fields that are understood; any other is accepted and reported."""
TIMES = frozenset({"created_at", "joined_at", "left_at"})
"""Fields that are points in time."""
_TIMES_OF = {kind: tuple(sorted(fields & TIMES)) for kind, fields in FIELDS.items()}

_KINDS_OF_ACCOUNT: dict[str, AccountKind] = {
    **dict.fromkeys(("person", "human", "user", "employee", "member"), "person"),
    **dict.fromkeys(("machine", "bot", "robot", "service", "application", "app", "integration", "system"), "machine"),
    **dict.fromkeys(("shared", "group", "team", "mailbox", "functional", "role"), "shared"),
}
"""Words by which programs say what an account is."""

_ID_LENGTH = 2000
"""Characters of an id: ids stand in addresses, of which every browser and proxy takes about so many."""
# Readers write this time for an account that was closed on a day that nobody knows.
_SOMETIME = moment(LEFT_SOMETIME)
_MOST_COUNTED = 10_000_000_000
"""More people than there are: a larger number is a mistake."""
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def parse_person(record: Record, *, source: Source) -> tuple[Person, tuple[str, ...]]:
    """A person, and the names of the fields that were not understood. Raises `SourceError` with `field`."""
    id, name, title = _own_id(record, source), _line(record, "name"), _line(record, "title")
    accounts, joined, left = _accounts(record), _moment(record, "joined_at"), _moment(record, "left_at")
    person = Person(
        id=id,
        source=source.id,
        name=name,
        title=title,
        org_unit=_line(record, "org_unit"),
        location=_line(record, "location"),
        bio=_text(record, "bio"),
        skills=tuple(dict.fromkeys((*_labels(record, "skills"), *_labels(record, "knowsAbout")))),
        languages=_labels(record, "languages"),
        manager=_reference(record, "manager", source),
        groups=_references(record, "groups", source),
        availability=_line(record, "availability"),
        time_zone=_line(record, "time_zone"),
        accounts=accounts,
        joined_at=joined,
        left_at=None if joined and left and left != _SOMETIME and left < joined else left,  # joined again
        hidden=_flag(record, "hidden") or False,
        judged=_flag(record, "judged"),
        kind=_KINDS_OF_ACCOUNT.get(_line(record, "kind").casefold())
        or kind_guessed(name, id=id, title=title, accounts=accounts)[0],
        turned_to_by=_count(record, "turned_to_by"),
        audience=_audience(record, source, (id,)),
    )
    return person, _ignored(record, "person", source)


def kind_guessed(name: str, *, id: str = "", title: str = "", accounts: Iterable[str] = ()) -> tuple[AccountKind, str]:
    """The kind of an account whose record names none, guessed by `graph/machines.toml`, and why; empty for people."""
    addresses = [key.partition(":")[2] for key in accounts if key.startswith("email:")]
    guess = machines().guess(name, id=id, title=title, addresses=addresses)
    return (guess.kind, guess.why) if guess is not None else ("person", "")


def parse_post(record: Record, *, source: Source) -> tuple[Post, tuple[str, ...]]:
    """A post, and the names of the fields that were not understood. Anonymous authors are left out."""
    authors = _references(record, "authors", source)
    post = Post(
        id=_own_id(record, source),
        source=source.id,
        authors=authors,
        kind=_line(record, "kind").lower() or "document",
        title=_line(record, "title"),
        text=_text(record, "text"),
        created_at=_moment(record, "created_at"),
        parent=_reference(record, "parent", source),
        tags=_labels(record, "tags"),
        community=_reference(record, "community", source),
        language=_line(record, "language"),
        url=_link(record, "url"),
        audience=_audience(record, source, authors),
    )
    return post, _ignored(record, "post", source)


def parse_interaction(
    record: Record, *, source: Source, occurrences: Occurrences | None = None
) -> tuple[Interaction | None, tuple[str, ...]]:
    """An interaction, or `None` where nobody is known to have done it; and the fields that were not understood.

    Without an `id` the identity is the content and its occurrence number, which `occurrences` counts over one import.
    """
    ignored = _ignored(record, "interaction", source)
    actor = _reference(record, "actor", source)
    verb = _line(record, "verb").lower()
    object = _reference(record, "object", source)
    for field, word in (("verb", verb), ("object", object)):
        if not word:
            raise SourceError(f"an interaction needs {field!r}", field=field)
    object_type = _object_type(record)
    created_at = _moment(record, "created_at")
    value = _number(record, "value")
    id = _reference(record, "id", source)
    if not actor:
        return None, ignored
    if not id:
        at = created_at.isoformat() if created_at else None
        content = orjson.dumps([actor, verb, object, object_type, at, value])
        id = f"{source.id}:sha256-{(occurrences or Occurrences()).identity(content)}"
    interaction = Interaction(
        id=id,
        source=source.id,
        actor=actor,
        verb=verb,
        object=object,
        object_type=object_type,
        created_at=created_at,
        value=value,
        audience=_audience(record, source, (actor,)),
    )
    return interaction, ignored


def parse_community(record: Record, *, source: Source) -> tuple[Community, tuple[str, ...]]:
    """A declared community, and the names of the fields that were not understood. `private` means its members."""
    members = _references(record, "members", source)
    leads = _references(record, "leads", source)
    community = Community(
        id=_own_id(record, source),
        source=source.id,
        name=_line(record, "name"),
        description=_text(record, "description"),
        members=members,
        leads=leads,
        parent=_reference(record, "parent", source),
        audience=_audience(record, source, tuple(dict.fromkeys((*members, *leads)))),
    )
    return community, _ignored(record, "community", source)


def parse_withdrawal(record: Record, *, source: Source, kind: RecordKind | None = None) -> Withdrawal:
    """What a line takes back (see `target_of`). An interaction without an id has one made of what it says.

    Raises `SourceError` with `field`.
    """
    sort, target = target_of(record, kind)
    if sort == "interaction" and not target.get("id"):
        said = {name: value for name, value in target.items() if name != "type"}
        fact, _ = parse_interaction({"verb": target.get("type"), **said}, source=source)
        if fact is None:
            raise SourceError("nobody is known to have done what is taken back", field="actor")
        return Withdrawal("interaction", fact.id)
    if target.get("source") not in (None, source.id):
        raise SourceError(f"this record says it is of another source than {source.id!r}", field="source")
    return Withdrawal(sort, _own_id(target, source))


class Records:
    """Parses the records of one import and keeps the counts of it: what file readers and the bulk ingest share."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.counts = Counts()
        self._occurrences = Occurrences()

    def parse(self, kind: RecordKind, record: object) -> Said | Withdrawal | None:
        """The fact that a record means, or takes back; `None` for an interaction that nobody is known to have done."""
        if not isinstance(record, Mapping):
            raise SourceError("a record is a JSON object")
        if record.get("type") in TAKEN_BACK:
            return parse_withdrawal(record, source=self.source, kind=kind)
        fact, ignored = self._parser(kind)(record)
        counts = self.counts
        for field in ignored:
            counts.unknown(counts.unknown_fields, f"{kind}.{field}")
        if fact is None:
            counts.unattributed += 1
            return None
        if isinstance(fact, Interaction) and vocabulary().verb(fact.verb) is None:
            counts.unknown(counts.unknown_verbs, fact.verb)
        for field in _TIMES_OF[kind]:
            if record.get(field) and getattr(fact, field, record) is None:
                counts.skipped[f"times that mean none, in {kind}.{field}"] += 1
        if isinstance(fact, Person):
            self._note_kind(fact, record)
        if isinstance(fact, Post):
            counts.without_author += not fact.authors
            counts.private_by_default += record.get("audience") is None and self.source.audience.scope == "private"
        counts.unknown_audiences += fact.audience == NOBODY and record.get("audience") is not None
        return fact

    def _note_kind(self, person: Person, record: Record) -> None:
        word = _line(record, "kind")
        said = _KINDS_OF_ACCOUNT.get(word.casefold())
        if word and said is None:
            self.counts.unknown(self.counts.skipped, f"kinds of account that are not known ({word})")
        if not person.is_human:
            guessed = kind_guessed(person.name, id=person.id, title=person.title, accounts=person.accounts)
            self.counts.nobody(person.name or person.id, person.kind, "its record says so" if said else guessed[1])

    def parse_typed(self, record: object) -> Said | Withdrawal | None:
        """The fact that a record means or takes back; its field `type` says the kind. Raises as `parse` does."""
        kind = record.get("type") if isinstance(record, Mapping) else None
        if isinstance(record, Mapping) and kind in TAKEN_BACK:
            return parse_withdrawal(record, source=self.source)
        if isinstance(record, Mapping) and kind not in KINDS:
            raise SourceError("'type' is one of 'person', 'post', 'interaction', 'community'", field="type")
        return self.parse(cast(RecordKind, kind), record)

    def _parser(self, kind: RecordKind) -> Callable[[Record], tuple[Said | None, tuple[str, ...]]]:
        source = self.source
        match kind:
            case "person":
                return lambda record: parse_person(record, source=source)
            case "post":
                return lambda record: parse_post(record, source=source)
            case "interaction":
                return lambda record: parse_interaction(record, source=source, occurrences=self._occurrences)
            case "community":
                return lambda record: parse_community(record, source=source)


# --- fields ----------------------------------------------------------------------------------------------------------


def _ignored(record: Record, kind: RecordKind, source: Source) -> tuple[str, ...]:
    """The fields that mean nothing to us, sorted. A record that names another source is a mistake or an attempt."""
    if record.get("source") not in (None, source.id):
        raise SourceError(f"this record says it is of another source than {source.id!r}", field="source")
    if record.keys() <= FIELDS[kind] and record.get("type") in (None, kind):  # nearly all
        return ()
    unknown = record.keys() - FIELDS[kind]
    if record.get("type") not in (None, kind):
        unknown.add("type")
    return tuple(sorted(unknown))


def _string(value: object, field: str) -> str:
    if isinstance(value, str) and value.isascii():  # nearly all
        return value
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SourceError(f"{field!r} must be text, not {_json_name(value)}", field=field)
    if not is_unicode(value):
        raise SourceError(f"{field!r} holds half a character (a lone surrogate)", field=field)
    return value


def _line(record: Record, field: str) -> str:
    value = record.get(field)
    return one_line(_string(value, field)) if value else _string(value, field)


def _count(record: Record, field: str) -> int:
    value = record.get(field)
    if value is None or value == "":
        return 0
    if isinstance(value, str) and len(value) <= 20 and value.strip().isdecimal():  # a cell of a table
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_COUNTED:
        raise SourceError(f"{field!r} must be a whole number from 0 to {_MOST_COUNTED:,}", field=field)
    return value


def _text(record: Record, field: str) -> str:
    return many_lines(_string(record.get(field), field))


def _id(value: object, field: str) -> str:
    if isinstance(value, str) and value.isascii() and value.isprintable() and len(value) <= _ID_LENGTH:  # nearly all
        return value.strip()
    text = _string(value, field).strip()
    if not is_plain(text):
        raise SourceError(f"an id in {field!r} holds a control or an invisible character", field=field)
    if len(text) > _ID_LENGTH:
        raise SourceError(f"an id in {field!r} is longer than {_ID_LENGTH} characters", field=field)
    return normal(text)


def _own_id(record: Record, source: Source) -> str:
    id = _id(record.get("id"), "id")
    if not id:
        raise SourceError("a record needs an 'id' that is not empty", field="id")
    return f"{source.id}:{id}"


def _reference(record: Record, field: str, source: Source) -> str:
    id = _id(record.get(field), field)
    return f"{source.id}:{id}" if id and id != ANONYMOUS else ""


def _references(record: Record, field: str, source: Source) -> tuple[str, ...]:
    if record.get(field) is None:
        return ()
    ids = (_id(value, field) for value in _list(record, field))
    return tuple(dict.fromkeys(f"{source.id}:{id}" for id in ids if id and id != ANONYMOUS))


def _list(record: Record, field: str) -> list[str]:
    value = record.get(field)
    if value is None:
        return []
    if not isinstance(value, list):
        raise SourceError(f"{field!r} must be a list, not {_json_name(value)}", field=field)
    if not all(isinstance(item, str) for item in value):
        raise SourceError(f"{field!r} must be a list of texts", field=field)
    return value


def _labels(record: Record, field: str) -> tuple[str, ...]:
    """Short texts. One text with commas between is taken too, because that is what people write into a table."""
    value = record.get(field)
    if value is None:
        return ()
    values = value.split(",") if isinstance(value, str) else _list(record, field)
    return tuple(dict.fromkeys(label for item in values if (label := one_line(_string(item, field)))))


def _accounts(record: Record) -> tuple[str, ...]:
    keys = []
    for value in _list(record, "accounts"):
        key = _id(value, "accounts").lower()
        kind, _, name = key.partition(":")
        if not kind.strip() or not name.strip():
            raise SourceError("an account is written 'type:key', such as 'github:ada'", field="accounts")
        keys.append(key)
    email = key_of(f"email:{_id(record.get('email'), 'email')}").partition(":")[2]
    if not _EMAIL.fullmatch(email) and is_personal(f"email:{email}"):  # n/a, none and the like are no address
        raise SourceError("'email' is not an e-mail address", field="email")
    return tuple(dict.fromkeys((*keys, f"email:{email}") if _EMAIL.fullmatch(email) else keys))


def _flag(record: Record, field: str) -> bool | None:
    value = record.get(field)
    if value is not None and not isinstance(value, bool):
        raise SourceError(f"{field!r} must be true or false, not {_json_name(value)}", field=field)
    return value


def _number(record: Record, field: str) -> float | None:
    value = record.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SourceError(f"{field!r} must be a number, not {_json_name(value)}", field=field)
    if not abs(value) <= sys.float_info.max:
        raise SourceError(f"{field!r} must be a finite number", field=field)
    return float(value)


def _moment(record: Record, field: str) -> datetime | None:
    """A time, `None` where there is none or the value means none. Readers may also give a `datetime`."""
    value = record.get(field)
    text = "" if isinstance(value, datetime) else _string(value, field).strip()
    if not text and not isinstance(value, datetime):
        return None
    try:
        return meant(value) if isinstance(value, datetime) else moment(text)
    except NoTime:
        return None
    except (ValueError, OverflowError):
        detail = (
            f"{field!r} is not a time such as 2024-02-29, 2024-02-29T13:00:00Z, 29 Feb 2024 13:00 +0000 (e-mail) or "
            "seconds since 1970; in a CSV mapping `format` can say how it is written"
        )
        raise SourceError(detail, field=field) from None


def _object_type(record: Record) -> Literal["post", "person"]:
    match record.get("object_type"):
        case None | "" | "post":
            return "post"
        case "person":
            return "person"
        case _:
            raise SourceError("'object_type' is 'post' or 'person'", field="object_type")


def _link(record: Record, field: str) -> str:
    """A web address that is safe in a link. Other schemes are refused, because a browser may run what they say."""
    url = _string(record.get(field), field).strip()
    if url and not (_LINK.fullmatch(url) and is_plain(url)):
        raise SourceError(f"{field!r} must be an address that begins with https:// or http://", field=field)
    return url


def _audience(record: Record, source: Source, authors: tuple[str, ...]) -> Audience:
    """The audience by the policy. Its ids are cleaned as all ids are, so that a denied group is the very group."""
    value = record.get("audience")
    if isinstance(value, Mapping):
        try:
            value = {
                name: [_id(member, "audience") for member in members] if isinstance(members, list) else members
                for name, members in value.items()
            }
        except SourceError:
            return NOBODY  # an id that means nothing: the permission is unknown
    return audience_of(value, source=source.id, authors=authors, default=source.audience)


def _json_name(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)
