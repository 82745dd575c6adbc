"""The chain of the audit log: each line is sealed together with all before it, so that none changes unseen.

A seal does not hold the actor, the subject and the words of a line, but a commitment to each. A commitment is a hash
keyed with a salt: each name has a salt, and so have the words of each line. An erasure deletes the salt of the name and
puts a token in the place of the name. Nobody can then guess what was hashed, and the chain stays whole. The link of a
line is the hash of the link before it, its number, its time, its event and the three commitments.

Whoever can write to the home can make the whole chain anew. Whoever noted an earlier `head` can notice that.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final, NamedTuple

from expertfinder.errors import StoreError
from expertfinder.store.forgetting import ERASED
from expertfinder.store.protocol import AuditEntry, Chain

SALT_BYTES: Final = 16
"""Bytes of a salt, and of a commitment: 128 bits are too many to guess."""
_TOKEN = re.compile(rf"{ERASED}[0-9a-f]+")
_HEX = re.compile(rf"[0-9a-f]{{{2 * SALT_BYTES}}}")
_NO_LINK: Final = ""


class Line(NamedTuple):
    """A line of the audit log as it is kept."""

    at: str
    """ISO 8601, UTC."""
    actor: str
    event: str
    subject: str
    detail: str
    seal: str = ""
    """See `Seal`; empty for a line that was written before there was a chain, until the next one is."""

    @property
    def entry(self) -> AuditEntry:
        """The line as an entry of the audit log."""
        at = datetime.fromisoformat(self.at)
        return AuditEntry(at=at, actor=self.actor, event=self.event, subject=self.subject, detail=self.detail)


class Seal(NamedTuple):
    """What seals a line, each in hexadecimal; it is kept as one text with a dot between them."""

    actor: str
    subject: str
    detail: str
    salt: str
    """The salt of the commitment to `detail`. After a person was struck out: `=`, and a hash of the words left."""
    link: str


def line_of(entry: AuditEntry) -> Line:
    """A line that is not sealed yet. Raises `StoreError` for a time without a zone."""
    if entry.at.tzinfo is None:
        raise StoreError("a time without a zone cannot be stored")
    return Line(entry.at.astimezone(UTC).isoformat(), entry.actor, entry.event, entry.subject, entry.detail)


def names_in(lines: Iterable[Line]) -> set[str]:
    """The names that need a salt."""
    return {name for line in lines for name in (line.actor, line.subject) if not name.startswith(ERASED)}


def fresh_salts(names: Iterable[str]) -> dict[str, bytes]:
    """A salt for each of these names, drawn at random."""
    return {name: secrets.token_bytes(SALT_BYTES) for name in sorted(names)}


def sealed(lines: Iterable[Line], salts: Mapping[str, bytes], *, after: Line | None, number: int) -> list[Line]:
    """The lines with their seals. `after`: the line before the first, `None` for none; `number`: that of the first."""
    link, found = link_of(after), []
    for place, line in enumerate(lines, number):
        salt = secrets.token_hex(SALT_BYTES)
        actor, subject = (_committed(salts.get(name), link, name) for name in (line.actor, line.subject))
        detail = _committed(bytes.fromhex(salt), link, line.detail)
        link = _link(link, place, line, (actor, subject, detail))
        found.append(line._replace(seal=".".join(Seal(actor, subject, detail, salt, link))))
    return found


def struck(before: Line, after: Line) -> Line:
    """The line `after`, out of whose words a person was struck: nobody can guess the earlier words from its seal."""
    if before.detail == after.detail or not after.seal:
        return after
    seal = Seal(*after.seal.split("."))
    return after._replace(seal=".".join(seal._replace(salt=_left(seal.link, after.detail))))


def checked(lines: Iterable[tuple[int, Line]], salts: Mapping[str, bytes], is_grave: Callable[[str], bool]) -> Chain:
    """Whether the chain is whole. `lines`: by number, from the oldest; `is_grave`: whether a text is the token of
    somebody who was erased."""
    before: Line | None = None
    count, broken = 0, None
    for count, (number, line) in enumerate(lines, 1):
        link = link_of(before)
        if broken is None and (line.seal or link):
            is_whole = number == count and _is_right(line, link, number, salts, is_grave)
            broken = None if is_whole else count
        before = line
    return Chain(lines=count, head=link_of(before), broken=broken)


def link_of(line: Line | None) -> str:
    """The link of a line; empty for none, and for one that is not sealed."""
    return line.seal.rpartition(".")[2] if line is not None else _NO_LINK


def _is_right(line: Line, link: str, number: int, salts: Mapping[str, bytes], is_grave: Callable[[str], bool]) -> bool:
    parts = line.seal.split(".")
    if len(parts) != len(Seal._fields):
        return False
    seal = Seal(*parts)
    for name, committed in ((line.actor, seal.actor), (line.subject, seal.subject)):
        known = name in salts or name.startswith(ERASED)
        was_erased = name.startswith(ERASED) and is_grave(name)
        if not was_erased and not (known and committed == _committed(salts.get(name), link, name)):
            return False
    if seal.salt.startswith("="):
        was_struck = any(map(is_grave, _TOKEN.findall(line.detail)))
        if not was_struck or seal.salt != _left(seal.link, line.detail):
            return False
    elif not _HEX.fullmatch(seal.salt) or seal.detail != _committed(bytes.fromhex(seal.salt), link, line.detail):
        return False
    return seal.link == _link(link, number, line, (seal.actor, seal.subject, seal.detail))


def _committed(salt: bytes | None, link: str, text: str) -> str:
    """A hash that only somebody with the salt can compute. A token has no salt: everybody can compute its hash."""
    body = f"{link}\0{text}".encode("utf-8", "surrogatepass")
    return blake2b(body, key=salt or b"", digest_size=SALT_BYTES).hexdigest()


def _left(link: str, detail: str) -> str:
    """What stands in the place of the salt after a person was struck out: `=`, and a hash of the words left."""
    return f"={_committed(None, link, detail)}"


def _link(link: str, number: int, line: Line, commitments: tuple[str, str, str]) -> str:
    body = "\0".join((link, str(number), line.at, line.event, *commitments))
    return blake2b(body.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
