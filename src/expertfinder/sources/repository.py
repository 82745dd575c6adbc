"""A git repository that is only read: what state it is in, said in plain words, and git's answers to questions."""

from __future__ import annotations

import codecs
import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from expertfinder.errors import SourceError
from expertfinder.sources.cleaning import one_line
from expertfinder.sources.encodings import NAMES, decoded, guessed
from expertfinder.sources.lines import as_text

_ADDRESS = re.compile(r"(?:https?|ssh|git|file|ftp):/|[\w.-]+@[\w.-]+:")
"""How the address of a repository begins; a path loses one of two slashes."""
_BUNDLE = b"# v"
"""How a bundle begins: `# v2 git bundle`."""
_PACKED = frozenset({".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz", ".zip", ".zst"})
_OTHERS = {".hg": "Mercurial", ".svn": "Subversion (`git svn clone` makes one of git)", ".bzr": "Bazaar", "CVS": "CVS",
           "_darcs": "Darcs", ".fossil": "Fossil", ".jj": "Jujutsu without git", ".pijul": "Pijul"}  # fmt: skip
"""Folders by which other programs of this kind are known."""
BRANCHES_TOLD = 10
"""Branches that an error names, at most: enough to find one's own among them."""
MOST_ASKED = 200
"""Contacts in one question: of 100 bytes each they fit into the 64 kB of a pipe, so that neither end waits."""
_CONTACT = re.compile(r"([^<>]*)<([^<>]*)>")


class Repository:
    """A folder of a repository, bare or with a work tree, and the commit whose history is read."""

    def __init__(self, path: Path, branch: str = "") -> None:
        """`branch`: whose history is read; empty for the one that is checked out."""
        self.path = path
        self._branch = branch
        self._commit = ""
        self._encoding: str | None = None
        self.is_cut = False
        """Whether older commits are not there (a shallow clone); known after `commit`."""
        self.remarks: list[str] = []
        """What the person who imports the history should know about it, in sentences; known after `commit`."""

    def commit(self) -> str:
        """The newest commit of the history.

        Raises `SourceError` if git is not installed, this is no repository, it has no commits, or the branch has none.
        """
        if not self._commit:
            self._commit = self._found()
        return self._commit

    def command(self, *arguments: str) -> list[str]:
        """A call of git that runs nothing of the repository's own and fetches nothing."""
        # A repository's own settings can name programs to run (to check signatures) or a place to fetch what is missing
        # from: neither is wanted of a repository that is only read.
        off = ["-c", "log.showSignature=false", "-c", "protocol.allow=never", "-c", "core.fsmonitor=false"]
        # The mailmap of the newest commit, where no work tree has one; a file in the work tree is read besides.
        off += ["-c", f"mailmap.blob={self._commit or 'HEAD'}:.mailmap"]
        return ["git", "--no-pager", "--no-optional-locks", *off, "-C", str(self.path), *arguments]

    def texts(self, fields: Sequence[bytes]) -> tuple[list[str], str]:
        """The texts of a commit that is not UTF-8 and does not say what it is, and in what encoding they were read.

        It is the one that the repository sets as `i18n.commitEncoding`, else the one that makes words of the texts
        (`encodings.guessed`). No byte is lost.
        """
        if self._encoding is None:
            said = as_text(self._run("config", "--get", "i18n.commitEncoding").stdout).strip()
            try:
                self._encoding = codecs.lookup(said).name if said else ""
            except LookupError:
                self._encoding = ""
        plain = [_as_utf8(field) for field in fields]
        other = [field for field, text in zip(fields, plain, strict=True) if text is None]
        name = self._encoding or guessed(b"\n".join(other))
        texts = [decoded(field, name) if text is None else text for field, text in zip(fields, plain, strict=True)]
        return texts, NAMES.get(name, name)

    def ask(self, *arguments: str) -> str:
        """The output of a call of git, as text. Raises `SourceError` where git refuses."""
        done = self._run(*arguments)
        if done.returncode:
            raise self.refused(done.stderr)
        return as_text(done.stdout)

    def refused(self, stderr: bytes) -> SourceError:
        """The error for a refusal of git, in plain words."""
        said = one_line(as_text(stderr))[:300]
        lower = said.lower()
        if "dubious ownership" in lower:
            detail = "the repository belongs to another user; to trust it: git config --global --add safe.directory "
            detail += str(self.path)
        elif "not a git repository" in lower:
            detail = self._why_no_repository()
        elif "promisor" in lower or "lazy" in lower or "unable to read tree" in lower:
            detail = (
                "this clone lacks folders of older commits (`git clone --filter=tree:...`): clone it without a filter"
            )
        else:
            detail = f"git cannot read this repository: {said or 'it does not say why'}"
        return SourceError(detail, file=str(self.path))

    def _why_no_repository(self) -> str:
        """What a folder is in which git finds no repository, in words."""
        if Path(self.path, ".git").is_file():
            return "this is no git repository: its file .git names a folder that is not there"
        other = next((name for folder, name in _OTHERS.items() if Path(self.path, folder).is_dir()), "")
        return f"this is no git repository, but one of {other}" if other else "this is no git repository"

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(self.command(*arguments), capture_output=True, env=environment(), check=False)
        except FileNotFoundError:
            raise SourceError("git is not installed, or not on the path") from None

    def _found(self) -> str:
        if not self.path.is_dir():
            raise SourceError(self._why_no_folder(), file=str(self.path))
        self.remarks = []
        shallow, bare, prefix = [
            *self.ask("rev-parse", "--is-shallow-repository", "--is-bare-repository", "--show-prefix").split("\n"),
            "",
            "",
        ][:3]
        if prefix and bare == "false":
            self._check_part(prefix)
        name = self._branch or "HEAD"
        found = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if found.returncode:
            raise self._without_commits()
        commit = as_text(found.stdout).strip()
        if not self._branch and self._run("symbolic-ref", "--quiet", "HEAD").returncode:
            self.remarks.append(f"no branch is checked out: what leads to the commit {commit[:12]} was read")
        self.is_cut = shallow == "true"
        if self.is_cut:
            self.remarks.append(
                "the history is cut, because this is a shallow clone: older commits are not there; "
                "`git fetch --unshallow` brings them"
            )
        if self._is_altered():
            self.remarks.append(
                "some commits are replaced or grafted here: the history was read as this clone shows it"
            )
        return commit

    def _why_no_folder(self) -> str:
        """What is wrong with a path that is no folder, in words."""
        name = str(self.path)
        if not self.path.exists():
            if _ADDRESS.match(name):
                return "this is an address, not a folder: `git clone` it first and name the folder that this makes"
            return "there is no such folder"
        with self.path.open("rb") as file:
            if file.read(len(_BUNDLE)) == _BUNDLE:
                return "this is a bundle of git: `git clone` it first and name the folder that this makes"
        if self.path.suffix in _PACKED:
            return "this is a packed file, not the folder of a repository: unpack it first"
        return "this is a file, not the folder of a repository"

    def _is_altered(self) -> bool:
        grafts = Path(self.path, self.ask("rev-parse", "--git-path", "info/grafts").strip())
        return bool(self.ask("for-each-ref", "--count=1", "refs/replace").strip()) or grafts.is_file()

    def _check_part(self, prefix: str) -> None:
        """Note a folder that is a part of a repository. Raises `SourceError` for one that only lies in it."""
        top = self.ask("rev-parse", "--show-toplevel").strip()
        tracked = self._run("ls-tree", "--full-tree", "--name-only", "HEAD", "--", prefix.partition("/")[0])
        if tracked.returncode or not tracked.stdout.strip():
            raise SourceError(
                f"this is no git repository: it merely lies in {top}, which is one; name that folder to read it",
                file=str(self.path),
            )
        self.remarks.append(f"the folder is a part of the repository {top}: the history of the whole was read")

    def _without_commits(self) -> SourceError:
        heads = self.ask("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes").split()
        if not heads and not self.ask("rev-list", "--max-count=1", "--all").strip():
            return SourceError("this repository has no commits", file=str(self.path))
        told = ", ".join(heads[:BRANCHES_TOLD]) + (", ..." if len(heads) > BRANCHES_TOLD else "")
        if self._branch:
            return SourceError(
                f"there is no branch or commit {self._branch!r}; branches are {told}", file=str(self.path)
            )
        head = self._run("symbolic-ref", "--quiet", "--short", "HEAD")
        name = as_text(head.stdout).strip() or "HEAD"
        return SourceError(
            f"the branch {name!r} that is checked out has no commits yet; name another with --branch: {told}",
            file=str(self.path),
        )


class Mailmap:
    """Asks git who the people in trailers are, as it does itself for authors; each contact is asked once."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._known: dict[tuple[str, str], tuple[str, str]] = {}

    def __enter__(self) -> Mailmap:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.communicate()

    def learn(self, contacts: Iterable[tuple[str, str]]) -> None:
        """Ask for these contacts together, because asking for one after the other is mostly waiting."""
        new = [contact for contact in dict.fromkeys(contacts) if contact not in self._known]
        for start in range(0, len(new), MOST_ASKED):
            some = new[start : start + MOST_ASKED]
            for contact, line in zip(some, self._answers(some), strict=True):
                answer = _CONTACT.fullmatch(as_text(line).strip())
                self._known[contact] = (answer[1].strip(), answer[2]) if answer else contact

    def of(self, name: str, email: str) -> tuple[str, str]:
        """Name and address after `.mailmap`."""
        if (name, email) not in self._known:
            self.learn([(name, email)])
        return self._known[name, email]

    def _answers(self, contacts: list[tuple[str, str]]) -> list[bytes]:
        """A line for each contact, empty for one that git does not understand.

        git ends at such a contact; those after it are asked for anew.
        """
        if self._process is None:
            pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
            self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=nowhere, env=environment())
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        lines: list[bytes] = []
        with suppress(BrokenPipeError):
            self._process.stdin.write("".join(f"{name} <{email}>\n" for name, email in contacts).encode())
            self._process.stdin.flush()
            lines = list(takewhile(bool, (self._process.stdout.readline() for _ in contacts)))
        if len(lines) < len(contacts):
            self._stop()
            if len(contacts) > 1:  # git stopped at a contact: those after it are asked again
                lines += [b""]
                lines += self._answers(contacts[len(lines) :]) if len(lines) < len(contacts) else []
            else:
                lines = [b""]
        return lines


def _as_utf8(field: bytes) -> str | None:
    try:
        return field.decode()
    except UnicodeDecodeError:
        return None


def environment() -> dict[str, str]:
    """The environment of each call of git: plain English, no questions, nothing fetched."""
    return {**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
