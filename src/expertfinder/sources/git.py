"""A git repository: who wrote, who reviewed, and what it was about, from the log alone.

Each commit is a post of kind `commit`: the subject is its title; the body and the words of the touched paths are its
text; folders and file names that mean something are its tags. Who wrote a commit, and who judged it or passed it on:

- author, `Co-authored-by` and its like (`sources/trailers.py`) -> authors
- `Reviewed-by`, `Tested-by`  -> `review`: both judged the change, one by reading and one by running it
- `Acked-by`, `Approved-by`   -> `approve`
- `Signed-off-by`             -> `merge`, only of somebody who is no author: an author signs for the origin of the text,
                                 anybody else for having taken the change and passed it on

People are e-mail addresses, as `.mailmap` joins them; two addresses with one name stay two people. Who commits from an
address that is nobody's own (`root@localhost`) is known by a full name; without one they are left out and counted, as
machines (`graph/machines.toml`) with what they committed and shared accounts are. An address that gives one word,
a login, in its newest commit has the full name of an older one. Merge commits that change nothing themselves are
left out.
"""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from expertfinder.configuration.titles import picked_from, takes_back
from expertfinder.errors import SourceError
from expertfinder.identity import is_personal
from expertfinder.identity.accounts import name_key
from expertfinder.model import AccountKind, Audience, Interaction, Person, Post, Source
from expertfinder.policy import audience_of
from expertfinder.sources.cleaning import one_line
from expertfinder.sources.encodings import mended
from expertfinder.sources.lines import LINE_LIMIT
from expertfinder.sources.mechanical import (
    ATTRIBUTES,
    IGNORED_ELSEWHERE,
    IGNORED_REVISIONS,
    LISTED,
    MANY_PATHS,
    NEVER,
    Change,
    is_vendored,
    others_by,
    why_mechanical,
)
from expertfinder.sources.paths import path_place, path_topics, path_words
from expertfinder.sources.reader import Counts
from expertfinder.sources.records import kind_guessed
from expertfinder.sources.repository import Mailmap, Repository, environment
from expertfinder.sources.trailers import AUTHOR, Contact, Message, read_message

GitFact = Person | Post | Interaction

NOT_UTF_8 = "commits that are not UTF-8 and do not say what they are, read as {}"

MECHANICAL = "mechanical"
"""The kind of posts for commits that were made and not written (`sources/mechanical.py`)."""

SHORT_NAME = 12
"""Digits of a commit's hash that are remembered: enough to tell the commits of the largest repositories apart."""
AT_ONCE = 200
"""Commits that are read before the people in their messages are asked for together."""
SETS_KEPT = 1 << 12
"""Sets of paths that are remembered with what they say: of 16,000 commits of a driver kit two in five touch one that
another of the last few thousand touched."""


class _Commit(NamedTuple):
    hash: str
    name: str
    email: str
    at: datetime | None
    parents: int
    message: str
    changes: tuple[Change, ...]


class _Touched(NamedTuple):
    """What the paths of a commit say."""

    own: bool
    """Whether any is no code of others."""
    words: str
    tags: tuple[str, ...]
    place: str


class _Who(NamedTuple):
    """A contact as it is kept, and what it is."""

    name: str
    email: str
    kind: AccountKind
    why: str
    own: bool
    """Whether the address can be one human's."""


class GitReader:
    """Reads the history of a branch of a repository (`Reader`)."""

    def __init__(
        self, path: Path, *, source: Source, since: str = "", limit: int | None = None, branch: str = ""
    ) -> None:
        """`since`: a date as git understands it; `limit`: at most so many commits, the newest; `branch`: any name of a
        commit, empty for what is checked out."""
        self.path = path
        self.repository = Repository(path, branch)
        self.source = source
        self._range = [f"--since={since}"] if since else []
        if limit is not None:
            self._range.append(f"--max-count={limit}")
        self._counts = Counts()
        self._total: int | None = None
        self._ignored: frozenset[str] | None = None
        self._history: frozenset[int] | None = None
        self._said_others: re.Pattern[str] | None = None
        self._full: dict[str, str] | None = None
        self._known: dict[tuple[str, str], _Who] = {}
        self._named: dict[tuple[str, str], _Who] = {}
        self._said: dict[tuple[str, ...], _Touched] = {}

    @property
    def counts(self) -> Counts:
        """The counts of the last or running call of `facts`."""
        return self._counts

    @property
    def total(self) -> int | None:
        """The number of commits: a lower bound of the facts."""
        if self._total is None:
            repository = self.repository
            out = repository.ask("rev-list", "--count", *self._range, repository.commit(), "--")
            self._total = int(out) if out.strip().isdigit() else 0
        return self._total

    @property
    def files(self) -> tuple[Path, ...]:
        """None: git itself says where its answer ends."""
        return ()

    @property
    def part(self) -> str:
        """Why this is not the whole history, in words; empty where it is (`ingest --complete`)."""
        self.repository.commit()
        return "the history is cut, because this is a shallow clone" if self.repository.is_cut else ""

    def facts(self) -> Iterator[GitFact]:
        """Every fact, newest commit first; a person before the first fact that names them.

        Raises `SourceError` if git is not installed, this is no repository, or the branch has no commits.
        """
        self._counts = Counts()
        seen: set[str] = set()
        self._named = {}
        self.repository.commit()
        self._counts.remarks += self.repository.remarks
        with Mailmap(self.repository.command("check-mailmap", "--stdin")) as mailmap:
            commits = self._commits()
            while some := [(commit, read_message(commit.message)) for commit in islice(commits, AT_ONCE)]:
                mailmap.learn((each.name, each.email) for _, said in some for each in said.contacts)
                for commit, said in some:
                    yield from self._facts_of(commit, said, mailmap=mailmap, seen=seen)

    # --- one commit ----------------------------------------------------------------------------------------------

    def _facts_of(self, commit: _Commit, said: Message, *, mailmap: Mailmap, seen: set[str]) -> Iterator[GitFact]:
        skipped = self._counts.skipped
        if commit.parents > 1 and not commit.changes:
            skipped["merge commits that change nothing themselves"] += 1
            return
        if said.nameless:
            skipped["people whom a message names without an address"] += said.nameless
        authors: dict[str, str] = {}
        others: dict[tuple[str, str], str] = {}
        # An author without an address, as histories of older systems have them, is known by the name.
        wrote = self._who(commit.name, commit.email.strip() or commit.name)
        named = [(contact.role, self._mapped(contact, mailmap)) for contact in said.contacts]
        for role, who in ((AUTHOR, wrote), *named):
            if who.kind != "person":
                self._counts.nobody(f"{who.name} <{who.email}>", who.kind, who.why)
            elif not who.own:
                skipped["addresses that are nobody's own"] += 1
            elif role == AUTHOR:
                authors.setdefault(who.email, who.name)
            else:
                others.setdefault((role, who.email), who.name)
        if wrote.kind == "machine" and not authors:
            skipped["commits by machines"] += 1
            return
        if others:
            others = {key: name for key, name in others.items() if key[1] not in authors}
        for email, name in (*authors.items(), *((email, name) for (_, email), name in others.items())):
            if email not in seen:
                seen.add(email)
                yield self._person(email, name)
        post = self._post(commit, said, tuple(authors))
        yield post
        for verb, email in others:
            actor = f"{self.source.id}:{email}"
            yield Interaction(
                id=f"{post.id}/{verb}/{email}",
                source=self.source.id,
                actor=actor,
                verb=verb,
                object=post.id,
                created_at=commit.at,
                audience=self._audience((actor,)),
            )

    def _mapped(self, contact: Contact, mailmap: Mailmap) -> _Who:
        """Who a contact of a message is after `.mailmap`."""
        key = contact.name, contact.email
        who = self._named.get(key)
        if who is None:
            who = self._named[key] = self._who(*mailmap.of(*key))
        return who

    def _who(self, name: str, email: str) -> _Who:
        """Who a contact is. Each contact is looked at once."""
        if (name, email) not in self._known:
            plain, address = one_line(mended(_decoded(name))), _address(email)
            own = bool(address) and is_personal(f"email:{address}")
            if not own and _is_full(plain):
                address, own = _address(plain), True
            accounts = (f"email:{address}",) if own and "@" in address else ()
            kind, why = kind_guessed(plain, id=f"{self.source.id}:{address}", accounts=accounts)
            self._known[name, email] = _Who(plain, address, kind, why, own)
        return self._known[name, email]

    def _person(self, email: str, name: str) -> Person:
        id = f"{self.source.id}:{email}"
        if name.isascii() and not _is_full(name):
            name = self._full_names().get(email, name)
        accounts = (f"email:{email}",) if "@" in email else ()
        return Person(id=id, source=self.source.id, name=name, accounts=accounts, audience=self._audience((id,)))

    def _full_names(self) -> dict[str, str]:
        """Address -> the full name of the newest commit with one. Read where an address gives no full name first."""
        if self._full is None:
            shape = "--format=%aE%x00%aN"
            listed = self.repository.ask("log", "--encoding=UTF-8", shape, *self._range, self.repository.commit(), "--")
            self._full = {}
            for email, _, name in (line.partition("\0") for line in dict.fromkeys(listed.split("\n"))):
                plain = one_line(mended(_decoded(name)))
                if "\ufffd" not in plain and _is_full(plain):
                    self._full.setdefault(_address(email), plain)
        return self._full

    def _post(self, commit: _Commit, said: Message, emails: tuple[str, ...]) -> Post:
        authors = tuple(f"{self.source.id}:{email}" for email in emails)
        self._counts.without_author += not authors
        self._counts.private_by_default += self.source.audience.scope == "private"
        listed = commit.hash in self._not_to_be_asked()
        copied = picked_from(commit.message)
        picked = bool(copied) and self._has(copied)
        touched = self._touched(tuple(change.path for change in commit.changes))
        foreign = bool(commit.changes) and not touched.own
        why = (
            LISTED
            if listed
            else why_mechanical(said.title, commit.changes, parents=commit.parents, picked=picked, foreign=foreign)
        )
        if why:
            self._counts.notes[f"{why}, which count little"] += 1
        # A commit that takes another back touches the paths of the other: they say nothing of who takes it back.
        back = takes_back(commit.message)
        return Post(
            id=f"{self.source.id}:{commit.hash}",
            source=self.source.id,
            authors=authors,
            kind=MECHANICAL if why else "commit",
            title=said.title,
            text=f"{said.body}\n\n{'' if back else touched.words}".strip(),
            created_at=commit.at,
            tags=() if back else touched.tags,
            community=f"{self.source.id}:{touched.place}" if touched.place else "",
            audience=self._audience(authors),
        )

    def _touched(self, paths: tuple[str, ...]) -> _Touched:
        """What the paths of a commit say; those of others' code say nothing of what it is about."""
        found = self._said.get(paths)
        if found is None:
            own = tuple(path for path in paths if not self._is_others(path))
            found = _Touched(bool(own), " ".join(path_words(own)), path_topics(own), path_place(own))
            if len(self._said) >= SETS_KEPT:
                self._said.clear()
            if len(paths) <= MANY_PATHS:
                self._said[paths] = found
        return found

    def _audience(self, authors: tuple[str, ...]) -> Audience:
        default = self.source.audience
        if default.scope != "private":
            return default
        return audience_of(None, source=self.source.id, authors=authors, default=default)

    def _not_to_be_asked(self) -> frozenset[str]:
        """The commits that the repository lists in `.git-blame-ignore-revs`, or in one of `IGNORED_ELSEWHERE`."""
        if self._ignored is None:
            newest, names = self.repository.commit(), (IGNORED_REVISIONS, *IGNORED_ELSEWHERE)
            found = self.repository.ask("ls-tree", "--full-tree", "--name-only", newest, "--", *names)
            listed = ""
            for name in found.split():
                listed += self._file(name) + "\n"
            self._ignored = frozenset(re.findall(r"^\s*([0-9a-f]{40,64})\b", listed.lower(), re.MULTILINE))
        return self._ignored

    def _is_others(self, path: str) -> bool:
        """Whether a path is of somebody else's code, or a tool wrote it: by its name, or as the repository says."""
        if is_vendored(path):
            return True
        if self._said_others is None:
            self._said_others = others_by(self._file(ATTRIBUTES))
        return self._said_others is not NEVER and self._said_others.match(path) is not None

    def _file(self, name: str) -> str:
        """A file of the newest commit; empty where it has none, and in a clone that lacks contents."""
        with suppress(SourceError):
            return self.repository.ask("show", f"{self.repository.commit()}:{name}")
        return ""

    def _has(self, name: str) -> bool:
        """Whether a commit is in the history, by the beginning of its name."""
        if self._history is None:
            names = self.repository.ask("rev-list", self.repository.commit(), "--").split()
            self._history = frozenset(int(name[:SHORT_NAME], 16) for name in names)
        return len(name) >= SHORT_NAME and int(name[:SHORT_NAME], 16) in self._history

    # --- git -----------------------------------------------------------------------------------------------------

    def _commits(self) -> Iterator[_Commit]:
        newest = self.repository.commit()
        # A random word opens each commit: no message or path can pass for the start of another.
        nonce = secrets.token_hex(16)
        shape = "--format=" + "%x00".join(("", nonce, "%H", "%aN", "%aE", "%aI", "%P", "%B", ""))
        # --cc gives a merge the paths in which it differs from all its parents: what was written while merging. The
        # names of the contents tell what only moved, without git comparing contents.
        names = ["-z", "--raw", "--no-abbrev", "--no-renames", "--cc"]
        command = self.repository.command("log", "--encoding=UTF-8", *names, shape, *self._range, newest, "--")
        with (
            TemporaryFile() as errors,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environment()) as log,
        ):
            try:
                assert log.stdout is not None
                yield from self._parsed(log.stdout, nonce.encode())
            finally:
                log.kill()  # does nothing to one that has ended: it matters when the reading stopped half way
            if log.wait() > 0:
                errors.seek(0)
                raise self.repository.refused(errors.read(2000))

    def _parsed(self, stream: IO[bytes], nonce: bytes) -> Iterator[_Commit]:
        fields: list[bytes] = []
        rest = b""
        while block := stream.read(1 << 20):
            *whole, rest = (rest + block).split(b"\0")
            if len(rest) > LINE_LIMIT:
                raise SourceError(f"a commit message is longer than {LINE_LIMIT:,} bytes", file=str(self.path))
            for field in whole:
                if field == nonce:
                    if fields:
                        yield self._commit(fields)
                    fields = [field]
                elif fields:
                    fields.append(field)
        if fields:
            yield self._commit([*fields, rest])

    def _commit(self, fields: list[bytes]) -> _Commit:
        try:  # all of it at once, as nearly every commit can be read
            texts = b"\0".join(fields).decode().split("\0")
        except UnicodeDecodeError:
            texts, encoding = self.repository.texts(fields)
            self._counts.notes[NOT_UTF_8.format(encoding)] += 1
        _, hash, name, email, at, parents, message, *rest = texts
        if not message.isascii():
            message = "\n".join(map(mended, message.split("\n")))
        return _Commit(hash, name, email, _moment(at), len(parents.split()), message, _changes(rest))


def _changes(fields: list[str]) -> tuple[Change, ...]:
    """What `--raw -z` says: for each path a field `:MODES CONTENTS STATUS` (a colon a parent), then one of the path."""
    said = [field for field in fields if field]
    # git ends the format with a line feed, which the first field then begins with.
    return tuple(
        Change(path, columns[-1], tuple(columns[len(columns) // 2 : -2]), columns[-2])
        for columns, path in zip((head.lstrip("\n:").split() for head in said[::2]), said[1::2], strict=False)
    )


def _decoded(name: str) -> str:
    """A name as it is read: mail programs encode letters outside of ASCII (RFC 2047), and patches come by mail."""
    if "=?" not in name:
        return name
    try:
        return str(make_header(decode_header(name)))
    except (LookupError, UnicodeError, HeaderParseError):
        return name


def _is_full(name: str) -> bool:
    """Whether a name has several words, and so is no login."""
    return len(name_key(name)) > 1


def _address(email: str) -> str:
    """An address as it is compared: small letters, without quotation marks and what a link begins with."""
    return one_line(email).lower().strip("\"'<> ").removeprefix("mailto:")


def _moment(text: str) -> datetime | None:
    """A date in UTC; `None` for one that cannot be, because clocks are wrong in many histories."""
    try:
        at = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.timestamp() else None  # git says 1970-01-01T00:00:00Z for a date out of its range
