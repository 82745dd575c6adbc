"""A git repository: who wrote, who reviewed, and what it was about, from the log alone.

Each commit is a post of kind `commit`: the subject is its title; the body and the words of the touched paths are its
text; folders and file names that mean something are its tags. Who a commit is by and who stood by it:

- author, `Co-authored-by` and its like (`sources/trailers.py`) -> authors
- `Reviewed-by`, `Tested-by`  -> `review`: both judged the change, one by reading and one by running it
- `Acked-by`, `Approved-by`   -> `approve`
- `Signed-off-by`             -> `merge`, only of somebody who is no author: an author signs for the origin of the text,
                                 anybody else for having taken the change and passed it on

People are e-mail addresses, as `.mailmap` joins them; two addresses with one name stay two people. Machines
(`graph/machines.toml`) with what they committed, shared accounts, and addresses that are nobody's own are left out and
counted. Merge commits that change nothing themselves are left out.
"""

from __future__ import annotations

import re
import secrets
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from expertfinder.errors import SourceError
from expertfinder.identity import is_personal
from expertfinder.model import AccountKind, Audience, Interaction, Person, Post, Source
from expertfinder.policy import audience_of
from expertfinder.sources.cleaning import one_line
from expertfinder.sources.lines import LINE_LIMIT, western
from expertfinder.sources.reader import Counts
from expertfinder.sources.records import kind_guessed
from expertfinder.sources.repository import Repository, environment
from expertfinder.sources.trailers import AUTHOR, Message, read_message

GitFact = Person | Post | Interaction

_CONTACT = re.compile(r"([^<>]*)<([^<>]*)>")

NOT_UTF_8 = "commits that are not UTF-8 and do not say what they are, read as i18n.commitEncoding or windows-1252"

# What a commit is about stands in few names; a commit over the whole tree is about none of them in particular.
_TAGS_LIMIT = 8
_PATHS_LIMIT = 200
_WORDS_LIMIT = 100

# Names that nearly every repository has, and that say how it is laid out rather than what it is about.
_LAYOUT = frozenset(
    re.findall(
        r"\S+",
        """
        app apps asset assets bin build changelog changes com common conf config configure contributing
        core crate crates data default dist doc docs documentation example examples ext extra fixture fixtures github
        gitignore helper helpers impl inc include index init internal java lib library libs licence license
        lock main make makefile misc mod module modules new news node_modules old org out package
        packages pkg pkgs project public readme release requirements res resource resources script scripts setup share
        shared site snap snapshots source sources spec specs src static stub stubs template templates test testdata
        testing tests third_party thirdparty tmp todo tool tools type types util utils vendor version versions
        workflows www
        """,
    )
)
_TEST = frozenset({"spec", "specs", "test", "tests"})  # what is tested is meant, not that it is
_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class _Commit:
    hash: str
    name: str
    email: str
    at: datetime | None
    parents: int
    message: str
    paths: tuple[str, ...]


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
        self._kinds: dict[tuple[str, str], tuple[AccountKind, str]] = {}

    @property
    def counts(self) -> Counts:
        """Of the last or running call of `facts`."""
        return self._counts

    @property
    def total(self) -> int | None:
        """The number of commits: a lower bound of the facts."""
        if self._total is None:
            repository = self.repository
            out = repository.ask("rev-list", "--count", *self._range, repository.commit(), "--")
            self._total = int(out) if out.strip().isdigit() else 0
        return self._total

    def facts(self) -> Iterator[GitFact]:
        """Every fact, newest commit first; a person before the first fact that names them.

        Raises `SourceError` if git is not installed, this is no repository, or the branch has no commits.
        """
        self._counts = Counts()
        seen: set[str] = set()
        self.repository.commit()
        self._counts.remarks += self.repository.remarks
        with _Mailmap(self.repository.command("check-mailmap", "--stdin")) as mailmap:
            for commit in self._commits():
                yield from self._facts_of(commit, mailmap, seen)

    # --- one commit ----------------------------------------------------------------------------------------------

    def _facts_of(self, commit: _Commit, mailmap: _Mailmap, seen: set[str]) -> Iterator[GitFact]:
        skipped = self._counts.skipped
        if commit.parents > 1 and not commit.paths:
            skipped["merge commits that change nothing themselves"] += 1
            return
        said = read_message(commit.message)
        if said.nameless:
            skipped["people whom a message names without an address"] += said.nameless
        authors: dict[str, str] = {}
        others: dict[tuple[str, str], str] = {}
        machine = False
        named = ((contact.role, *mailmap.of(contact.name, contact.email)) for contact in said.contacts)
        for number, (role, name, email) in enumerate(chain([(AUTHOR, commit.name, commit.email)], named)):
            name, email = one_line(name), one_line(email).lower()
            kind, why = self._kind(name, email)
            if kind != "person":
                machine = machine or (number == 0 and kind == "machine")
                self._counts.nobody(f"{name} <{email}>", kind, why)
            elif not email or not is_personal(f"email:{email}"):
                skipped["addresses that are nobody's own"] += 1
            elif role == AUTHOR:
                authors.setdefault(email, name)
            else:
                others.setdefault((role, email), name)
        if machine and not authors:
            skipped["commits by machines"] += 1
            return
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

    def _kind(self, name: str, email: str) -> tuple[AccountKind, str]:
        """What an author is, and by what; asked once for each contact."""
        if (name, email) not in self._kinds:
            accounts = (f"email:{email}",) if "@" in email and is_personal(f"email:{email}") else ()
            self._kinds[name, email] = kind_guessed(name, id=f"{self.source.id}:{email}", accounts=accounts)
        return self._kinds[name, email]

    def _person(self, email: str, name: str) -> Person:
        id = f"{self.source.id}:{email}"
        accounts = (f"email:{email}",) if "@" in email else ()
        return Person(id=id, source=self.source.id, name=name, accounts=accounts, audience=self._audience((id,)))

    def _post(self, commit: _Commit, said: Message, emails: tuple[str, ...]) -> Post:
        authors = tuple(f"{self.source.id}:{email}" for email in emails)
        self._counts.without_author += not authors
        self._counts.private_by_default += self.source.audience.scope == "private"
        words = " ".join(path_words(commit.paths))
        return Post(
            id=f"{self.source.id}:{commit.hash}",
            source=self.source.id,
            authors=authors,
            kind="commit",
            title=said.title,
            text=f"{said.body}\n\n{words}".strip(),
            created_at=commit.at,
            tags=path_topics(commit.paths),
            community=f"{self.source.id}:{place}" if (place := path_place(commit.paths)) else "",
            audience=self._audience(authors),
        )

    def _audience(self, authors: tuple[str, ...]) -> Audience:
        return audience_of(None, source=self.source.id, authors=authors, default=self.source.audience)

    # --- git -----------------------------------------------------------------------------------------------------

    def _commits(self) -> Iterator[_Commit]:
        newest = self.repository.commit()
        # A random word opens each commit: no message or path can pass for the start of another.
        nonce = secrets.token_hex(16)
        shape = "--format=" + "%x00".join(("", nonce, "%H", "%aN", "%aE", "%aI", "%P", "%B", ""))
        # --cc gives a merge the paths in which it differs from all its parents: what was written while merging.
        names = ["-z", "--name-only", "--no-renames", "--cc"]
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
        before = self.repository.guessed
        _, hash, name, email, at, parents, message, *rest = map(self.repository.text, fields)
        # git ends the format with a line feed, which the first path then begins with.
        paths = tuple(path for path in (field.removeprefix("\n") for field in rest) if path)
        if self.repository.guessed > before:
            self._counts.notes[NOT_UTF_8] += 1
        return _Commit(hash, name, email, _moment(at), len(parents.split()), message, paths)


class _Mailmap:
    """Asks git who the people in trailers are, as it does itself for authors; each contact is asked once."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._known: dict[tuple[str, str], tuple[str, str]] = {}

    def __enter__(self) -> _Mailmap:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.communicate()

    def of(self, name: str, email: str) -> tuple[str, str]:
        """Name and address after `.mailmap`."""
        contact = (name, email)
        if contact not in self._known:
            if self._process is None:
                pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
                self._process = subprocess.Popen(
                    self._command, stdin=pipe, stdout=pipe, stderr=nowhere, env=environment()
                )
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            try:
                self._process.stdin.write(f"{name} <{email}>\n".encode())
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except BrokenPipeError:
                line = b""  # git gave up, at this contact or the one before
            if not line:
                self._stop()
            answer = _CONTACT.fullmatch(western(line).strip())
            self._known[contact] = (answer[1].strip(), answer[2]) if answer else contact
        return self._known[contact]


def _moment(text: str) -> datetime | None:
    """Clocks are wrong in many a history: a date that cannot be is an unknown date."""
    try:
        at = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.timestamp() else None  # git says 1970-01-01T00:00:00Z for a date out of its range


def path_topics(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The folders and file names of these paths that mean something, the most frequent first, at most eight."""
    counts: Counter[str] = Counter()
    for path in paths[:_PATHS_LIMIT]:
        *folders, file = path.split("/")
        stem = file.partition(".")[0] if not file.startswith(".") else ""
        counts.update({name for part in (*folders, stem) if (name := _topic(part))})
    return tuple(name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_TAGS_LIMIT])


def _topic(part: str) -> str:
    if part.startswith("."):
        return ""
    words = [word for word in _words(part) if not word.isdigit() and word not in _TEST]
    if all(word in _LAYOUT for word in words) or part.lower() in _LAYOUT:
        return ""
    name = "-".join(words)
    # Longer ones are hashes and sentences; 40 is longer than the longest name of a module seen.
    return name if 2 <= len(name) <= 40 else ""


def path_place(paths: tuple[str, ...]) -> str:
    """The folder in which most of these paths lie, down to the first that means something; empty at the top."""
    counts: Counter[str] = Counter()
    for path in paths[:_PATHS_LIMIT]:
        folders = path.split("/")[:-1]
        deep = next((number for number, folder in enumerate(folders, 1) if _topic(folder)), None)
        if deep is not None:
            counts["/".join(map(one_line, folders[:deep]))] += 1
    return min(counts, key=lambda place: (-counts[place], place), default="")


def path_words(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The different words in these paths, in order: what a search for a part of the tree finds."""
    words = dict.fromkeys(
        word for path in paths[:_PATHS_LIMIT] for word in _words(path) if len(word) > 1 and not word.isdigit()
    )
    return tuple(words)[:_WORDS_LIMIT]


def _words(path: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_HUMP.sub(" ", one_line(path)))]
