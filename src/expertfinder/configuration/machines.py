"""Loads `graph/machines.toml`: which accounts are machines, or shared by several people. Edited without coding."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from expertfinder.configuration.resources import graph_folder
from expertfinder.configuration.settings import PREFIX
from expertfinder.errors import SourceError

Kind = Literal["machine", "shared"]

_BRACKETED = re.compile(r"[\[(]\s*(?:bot|app|robot|machine|service)\s*[\])]$")
"""How products mark the name of a robot at its end."""
_HUMP_BOT = re.compile(r"[a-z0-9](?:Bot|BOT|Robot|CI)$")
"""A handle such as MergeBot: a capital in the middle of a word. Abbott and Robotti have none."""
_WORD = re.compile(r"[^\W_]+")
_HANDLE = re.compile(r"\S+[-_]\S+")
_SERVICE = re.compile(r"(?:svc|srvc|sa|serviceaccount)[-_.]\S+", re.ASCII)
"""How directories name the accounts that programs sign in with."""
_MAILBOX_BOT = re.compile(r"(?:^|[-_+])(?:bot|robot|ci)(?:[-_+]|$)|\[bot\]", re.ASCII)
"""A mailbox such as merge-bot. After a dot it is as often a surname (ben.bot)."""
_CI = "CI"
"""Continuous integration, where it stands in capitals behind other words: Travis CI. In small letters it is a name, and
before another word, or behind a comma, it is as well somebody's initials: CI Lee, or Lee, CI."""


@dataclass(frozen=True, slots=True)
class Lists:
    """What one kind of account is known by; everything in small letters."""

    names: frozenset[str] = frozenset()
    phrases: frozenset[str] = frozenset()
    bots: frozenset[str] = frozenset()
    handles: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset()
    trades: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Guess:
    """What an account seems to be, and by what."""

    kind: Kind
    why: str
    """In words, for the report of an import."""


@dataclass(frozen=True, slots=True)
class Machines:
    """The lists of both kinds, and who is a person whatever they say."""

    machine: Lists
    shared: Lists
    people: frozenset[str]

    def guess(self, name: str, *, id: str = "", title: str = "", addresses: Iterable[str] = ()) -> Guess | None:
        """What an account is where its record does not say it; `None` for what may be a person.

        `id`: `source:id`; its second half stands for the name of an account that has none.
        """
        mail = [address.strip().lower() for address in addresses]
        known = {_plain(name), id.lower(), *mail}
        if not self.people.isdisjoint(known):
            return None
        said = name or id.partition(":")[2]
        return (
            self._by_name(said)
            or self._by_title(title)
            or next((guess for address in mail if (guess := self._by_address(address, said))), None)
        )

    def _by_name(self, name: str) -> Guess | None:
        plain, words = _plain(name), _words(name)
        joined = f" {' '.join(words)} "
        lists = self.machine
        if _BRACKETED.search(plain) or any(plain.endswith(end) for end in lists.endings):
            return Guess("machine", "the end of its name says so")
        for kind, of in (("machine", lists), ("shared", self.shared)):
            if plain in of.names:
                return Guess(kind, "its name is in the list")  # type: ignore[arg-type]
            phrase = next((phrase for phrase in of.phrases if f" {phrase} " in joined), None)
            if phrase is not None:
                return Guess(kind, f"its name has the words {phrase!r}")  # type: ignore[arg-type]
        if _SERVICE.fullmatch(plain):
            return Guess("machine", "it is named like an account for programs")
        joined_bot = next((bot for bot in lists.bots if plain.endswith(bot) and plain != bot), "")
        robot = bool(joined_bot) and plain.removesuffix(joined_bot) in lists.trades
        if " " not in plain and (robot or _HUMP_BOT.search(name.strip())):
            return Guess("machine", "it is named like a robot")
        if len(words) > 1 and self._is_bot(name, words):
            return Guess("machine", "its name calls it a robot")
        jobs = [word in lists.trades or word in lists.bots for word in words]
        if (
            len(words) > 1
            and any(jobs)
            and all(is_job or word in lists.names for is_job, word in zip(jobs, words, strict=True))
        ):
            return Guess("machine", "its name has no word of a human's")
        return None

    def _is_bot(self, name: str, words: list[str]) -> bool:
        """Whether a name of several words calls its bearer a robot. A surname does not: Ben Bot."""
        said = name.split()
        if any(word == _CI and not before.endswith(",") for before, word in pairwise(said)) and not name.isupper():
            return True
        ends = {words[0], words[-1]}
        if _HANDLE.fullmatch(name.strip()):
            return not ends.isdisjoint(self.machine.bots | self.machine.handles)
        rest = set(words) - self.machine.bots
        technical = any(not word.isalpha() for word in rest) or not rest.isdisjoint(self.machine.trades)
        technical = technical or any(_HUMP_BOT.search(word) for word in said)
        return not ends.isdisjoint(self.machine.bots) and (technical or not rest.isdisjoint(self.machine.names))

    def _by_title(self, title: str) -> Guess | None:
        plain = _plain(title)
        for kind, of in (("machine", self.machine), ("shared", self.shared)):
            if plain in of.titles:
                return Guess(kind, f"its title is {title.strip()!r}")  # type: ignore[arg-type]
        return None

    def _by_address(self, address: str, name: str) -> Guess | None:
        mailbox, _, host = address.partition("@")
        lists = self.machine
        guess = Guess("machine", f"its address is {address}")
        if address in lists.addresses or host in lists.hosts or "[bot]" in mailbox:
            return guess
        words = _words(name)
        # A name of several words is a human's, also where one word is the mailbox: Karl Jenkins writes from jenkins@.
        rest = set(words) - {mailbox}
        human = len(words) > 1 and not _HANDLE.fullmatch(name.strip()) and lists.trades.isdisjoint(rest)
        if mailbox in lists.mailboxes or _SERVICE.fullmatch(mailbox):
            return None if human else guess
        # Ben Bot may write from bot@, but hardly from houston-bot@.
        return guess if _MAILBOX_BOT.search(mailbox) and not (human and lists.bots.isdisjoint(words)) else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _lists(table: object, path: Path) -> Lists:
    known = {each.name for each in fields(Lists)}
    if not isinstance(table, dict):
        raise SourceError("[machine] and [shared] are tables of lists", file=str(path))
    for name, values in table.items():
        if name not in known or not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise SourceError(f"{name!r} is no list of texts that is known: {', '.join(sorted(known))}", file=str(path))
    return Lists(**{name: frozenset(map(_plain, values)) for name, values in table.items()})


def load(path: Path) -> Machines:
    """Read a file of lists. Raises `SourceError` naming the file and what in it is wrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"the list of machines cannot be read: {error}", file=str(path)) from None
    if unknown := sorted(table.keys() - {"machine", "shared", "people"}):
        raise SourceError(f"{unknown[0]!r} is none of people, [machine] and [shared]", file=str(path))
    names = table.get("people", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise SourceError("'people' is a list of names, addresses and ids", file=str(path))
    return Machines(
        _lists(table.get("machine", {}), path), _lists(table.get("shared", {}), path), frozenset(map(_plain, names))
    )


@cache
def _machines(extra: str) -> Machines:
    shipped = load(graph_folder() / "machines.toml")
    if not extra:
        return shipped
    own = load(Path(extra))
    return Machines(_both(shipped.machine, own.machine), _both(shipped.shared, own.shared), shipped.people | own.people)


def _both(one: Lists, other: Lists) -> Lists:
    return Lists(*(getattr(one, each.name) | getattr(other, each.name) for each in fields(Lists)))


def machines() -> Machines:
    """The lists that are shipped, with those of the file that the setting `machines` names."""
    # Asked for each record of a person: to read all settings each time would be most of the time of an import.
    return _machines(os.environ.get(f"{PREFIX}MACHINES", ""))
