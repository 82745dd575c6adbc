"""Issues, pull requests, their comments and reviews of GitHub, as its interfaces give them.

Any files of JSON are read, and each object is known by what it holds: pages of the REST interface (`gh api --paginate
--slurp`), the lists of `gh issue list --json` and `gh pr list --json`, the folders of python-github-backup, the files
of an organisation's migration archive, and one file an issue with its time line.

- an issue, a pull request, a comment and the words of a review -> posts; the repository is their place
- labels -> tags; of a comment on code the folders of its path
- a review -> the act `review`, or `approve`; who merged somebody else's change -> `merge`; a comment -> `reply`

People are their logins, which GitHub answers for (`github:login`). `ghost` stands for deleted accounts: nobody. Apps
and bots are machines. Reactions are counts without names and weigh nothing; events, assignments and files are not read.

What a private repository holds is for the group `repository/OWNER/NAME` alone, whose members are those of a file
`OWNER/NAME/collaborators.json`. A repository that the export says nothing of has the audience of the import.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Spot, Tree, many, one, said
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.known import Known
from expertfinder.sources.exports.values import json_files, json_values
from expertfinder.sources.formats import Format
from expertfinder.sources.paths import path_topics
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import RecordKind, Said

_KNOWING: Final = re.compile(r"(?:repos|repositories|collaborators|users|members)(?:[_-]?\d+)?\.\w+")
"""Names of files that say who may read what: they are read before any fact is given."""
_ORDER: Final = ("pull", "issue", "comment", "review")
"""Words in the names of the other files, in the order in which these are read."""
_API: Final = re.compile(r"/repos/([^/]+/[^/]+)(?:/(?:issues|pulls)/(\d+))?")
_PAGE: Final = re.compile(r"https?://[^/]+/([^/]+/[^/#?]+)(?:/(?:issues|pull)/(\d+))?(?:[^#]*#([\w-]+))?")
_URLS: Final = ("html_url", "url", "issue_url", "pull_request_url", "repository_url", "pull_request", "issue")
_STATES: Final = {"0": "PENDING", "1": "COMMENTED", "30": "CHANGES_REQUESTED", "40": "APPROVED", "50": "DISMISSED"}
"""Numbers of the states of a review in migration archives."""
_REVIEWS: Final = frozenset({"APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"})
_INSIDE: Final = (
    *("comments", "reviews", "events", "timeline", "review_comments", "comment_data", "comment_regular_data"),
    *("review_data", "event_data"),
)
"""Fields of an issue under which programs that save it put its comments, its reviews and its time line."""
_OPEN: Final[Mapping[str, object]] = MappingProxyType({})
_GHOST: Final = "ghost"
"""The login that stands for all accounts that were deleted."""


class GitHubReader(ExportReader):
    """Reads what was saved of GitHub (`Reader`): a folder, an archive or a file of JSON."""

    def begin(self) -> None:
        self._private: dict[str, bool] = {}
        self._told: set[str] = set()
        self._groups: dict[str, set[str]] = defaultdict(set)
        self._seen = Known()
        self._reviewed: set[str] = set()
        self._profiles: dict[str, Raw] = {}
        self._listed: set[str] = set()

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        def rank(name: str) -> int:
            file = name.rpartition("/")[2]
            known = _KNOWING.fullmatch(file)
            if known:
                return 0 if file.startswith("repos") else 1
            return next((at for at, word in enumerate(_ORDER, 2) if word in file), 2 + len(_ORDER))

        names = json_files(tree, rank, what="what was saved of GitHub")
        knowing = [name for name in names if rank(name.lower()) < 2]
        for name in knowing:
            for spot, raw in json_values(tree, name, "items"):
                self.tried(spot, partial(self._know, name, raw))
        for login, profile in self._profiles.items():
            closed = {} if login in self._listed else {"audience": {"groups": self._groups[login]}}
            yield from self.facts_of(Spot(tree.named(knowing[0])), partial(self._person, login, place=closed), profile)
        for name in names[len(knowing) :]:
            for spot, raw in json_values(tree, name, "items"):
                yield from self.facts_of(spot, self._any, raw)
        if not (self._told or any(self._private.values())):
            self.counts.remarks.append("there was no issue or pull request in it")

    # --- repositories and people ---------------------------------------------------------------------------------

    def _know(self, name: str, raw: object) -> None:
        """Take in a repository, or somebody who may read one."""
        if not isinstance(raw, Mapping):
            raise SourceError("a record is an object")
        if "login" in raw:
            login = said(raw, "login").lower()
            self._profiles[login] = {**self._profiles.get(login, {}), **raw}
            if "collaborator" in name.lower():
                repository = self._of_folder(name)
                if repository:
                    self._groups[login].add(_group(repository))
                    if not self._private.get(repository):
                        self._listed.add(login)
                else:
                    self.left_out("collaborators of no known repository (OWNER/NAME/collaborators.json)")
            else:
                self._listed.add(login)
        elif not self._repository(raw):
            raise SourceError(
                "a file of this name holds repositories or people, and this is neither", field="full_name"
            )

    def _of_folder(self, name: str) -> str:
        folders = name.lower().split("/")[:-1]
        full = "/".join(folders[-2:])
        alone = [known for known in self._private if folders and known.partition("/")[2] == folders[-1]]
        return full if full in self._private or not alone else alone[0] if len(alone) == 1 else ""

    def _repository(self, raw: Raw) -> str:
        """Take in whether a repository is private. Raises `SourceError` where its posts were already given to all."""
        name = said(raw, "full_name") or _place(raw)[0]
        private, visible = raw.get("private"), said(raw, "visibility")
        if name and (isinstance(private, bool) or visible):
            self._private[name.lower()] = visible == "private" if visible else bool(private)
            if self._private[name.lower()] and name.lower() in self._told:
                detail = f"{name} is private, and posts of it stood before this: put the repository into repos.json"
                raise SourceError(detail, field="private")
        return name

    def _person(self, login: str, user: Raw, repository: str = "", place: Mapping[str, object] = _OPEN) -> Made:
        """The record of somebody. `repository`: in which they are named, empty for a list of people; `place`: the
        audience field of that list."""
        audience = self._seen.audience(login, self._audience(repository) if repository else place)
        if audience is None:
            return
        user = {**user, **self._profiles.get(login, {})}
        kind = said(user, "type").lower()
        machine = kind == "bot" or user.get("is_bot") is True or login.endswith("[bot]")
        shared = kind == "organization"
        email = said(user, "email")
        yield (
            "person",
            {
                "id": login,
                "name": said(user, "name") or said(user, "login") or login,
                "location": said(user, "location"),
                "bio": said(user, "bio"),
                "accounts": [f"github:{login}"] if kind != "mannequin" else [],
                "email": email if "@" in email else "",
                "kind": "machine" if machine else "shared" if shared else None,
                "groups": sorted(self._groups[login]) if login in self._groups else [],
                **audience,
            },
        )

    def _who(self, raw: Raw, *fields: str) -> tuple[str, Raw]:
        """The login of the first of these fields that names somebody, and what it says of them; empty for nobody."""
        for field in fields:
            value = raw.get(field)
            user: Raw = value if isinstance(value, Mapping) else {}
            login = (
                said(user, "login") if user else value.rstrip("/").rpartition("/")[2] if isinstance(value, str) else ""
            )
            if login and login.lower() != _GHOST:
                return login.lower(), user
        return "", {}

    # --- posts -------------------------------------------------------------------------------------------------------

    def _any(self, raw: Raw) -> Made:
        """The native records of an object. Its fields tell what it is."""
        for kind in ("pull", "issue"):
            if said({"type": raw.get("type")}, "type") == kind and isinstance(raw.get(kind), Mapping):
                raw = {**one(raw, kind), **{name: raw[name] for name in _INSIDE if isinstance(raw.get(name), list)}}
        if "title" in raw and ("number" in raw or raw.get("type") in ("issue", "pull_request")):
            return self._thread(raw)
        if "body" in raw or "state" in raw:
            return self._inside(raw, "", "")
        if "full_name" in raw:
            self._repository(raw)
        elif "login" in raw:
            return self._person(said(raw, "login").lower(), raw)
        else:
            self.left_out("objects that are no issue, comment or review")
        return ()

    def _thread(self, raw: Raw) -> Made:
        repository, number, _ = _place(raw)
        number = number or said(raw, "number")
        base = one(one(raw, "base"), "repo") if isinstance(raw.get("base"), Mapping) else {}
        for about in (base, raw.get("repository")):
            if isinstance(about, Mapping):
                repository = self._repository(about) or repository
        if not (repository and number):
            raise SourceError("no address (html_url or url) says of which repository this is", field="html_url")
        pull = isinstance(raw.get("pull_request"), Mapping) or not {"head", "merged_at", "mergedAt"}.isdisjoint(raw)
        pull = pull or raw.get("type") == "pull_request" or "/pull/" in said(raw, "html_url", "url")
        id, at = f"{repository}#{number}", said(raw, "created_at", "createdAt")
        author, user = self._who(raw, "user", "author")
        if author:
            yield from self._person(author, user, repository)
        yield (
            "post",
            self._post(id, author, repository, raw)
            | {
                "kind": "pull_request" if pull else "issue",
                "title": said(raw, "title"),
                "created_at": at,
                "tags": [label for each in _items(raw, "labels") if (label := _label(each))],
            },
        )
        merger, user = self._who(raw, "merged_by", "mergedBy")
        if merger and merger != author:
            yield from self._person(merger, user, repository)
            yield self._act("merge", merger, id, id, said(raw, "merged_at", "mergedAt") or at)
        for field in _INSIDE:
            for each in many(raw, field) if isinstance(raw.get(field), list) else ():
                if not (merger and said(each, "event") == "merged"):
                    yield from self._inside(each, id, author)

    def _inside(self, raw: Raw, thread: str, author: str) -> Made:
        """A comment, a review, or an event of a time line that is one. `thread`: the id of the issue or pull request
        above it, empty where unknown; `author`: the login of the author of that issue."""
        event = said(raw, "event")
        if event and event not in ("commented", "reviewed", "line-commented", "merged"):
            return
        if event == "line-commented":
            for each in many(raw, "comments"):
                yield from self._inside(each, thread, author)
            return
        repository, number, part = _place(raw)
        if not thread and not (repository and number):
            self.left_out("comments that no address says the issue of")
            return
        thread = thread or f"{repository}#{number}"
        repository = thread.partition("#")[0]
        at = said(raw, "submitted_at", "submittedAt", "created_at", "createdAt")
        who, user = self._who(raw, "user", "author", "actor")
        if event == "merged":
            if who and who != author:
                yield from self._person(who, user, repository)
                yield self._act("merge", who, thread, thread, at)
            return
        number = said(raw, "id")
        state = _STATES.get(said(raw, "state"), said(raw, "state")).upper()
        if state == "PENDING":
            self.left_out("reviews that were not sent yet")
            return
        is_review = state in _REVIEWS
        if raw.get("isMinimized") is True:
            self.left_out("comments that were hidden as spam, abuse or off topic")
            if part:
                yield "post", {"type": "Delete", "object": f"{thread}/{part}"}
            return
        on_code = not {"diff_hunk", "path"}.isdisjoint(raw) and not is_review
        words = "pullrequestreview-" if is_review else "discussion_r" if on_code else "issuecomment-"
        id = f"{thread}/{part or words + number}"
        if not (part or number):
            raise SourceError("a comment has an 'id'", field="id")
        if who:
            yield from self._person(who, user, repository)
        parent = thread
        if on_code and (answered := said(raw, "in_reply_to_id")):
            parent = f"{thread}/discussion_r{answered}"
        if said(raw, "body").strip():
            path = said(raw, "path")
            yield (
                "post",
                self._post(id, who, repository, raw)
                | {
                    "kind": "comment",
                    "created_at": at,
                    "parent": parent,
                    "tags": list(path_topics((path,))) if path else [],
                },
            )
            if who:
                yield self._act("reply", who, id, parent, at)
        review = id if is_review else said(raw, "pull_request_review_id")
        if not is_review:
            review = f"{thread}/pullrequestreview-{review}" if review else ""
        if review and who and who != author and (is_review or review not in self._reviewed):
            self._reviewed.add(review)
            verb = "approve" if state == "APPROVED" else "review"
            yield self._act(verb, who, review, thread, at)

    def _post(self, id: str, author: str, repository: str, raw: Raw) -> dict[str, object]:
        url = said(raw, "html_url") or (said(raw, "url") if "/repos/" not in said(raw, "url") else "")
        return {
            "id": id,
            "authors": [author] if author else [],
            "text": said(raw, "body"),
            "community": repository,
            "url": url,
            **self._audience(repository),
        }

    def _act(self, verb: str, actor: str, of: str, object: str, at: str) -> tuple[RecordKind, Mapping[str, object]]:
        """`of`: the id of what was written or done, which tells acts of one verb apart."""
        word = "review" if verb == "approve" else verb
        act = {"id": f"{word}/{of}", "actor": actor, "verb": verb, "object": object, "created_at": at}
        return "interaction", {**act, **self._audience(object.partition("#")[0])}

    def _audience(self, repository: str) -> dict[str, object]:
        """The audience field, for what a private repository holds; empty for any other."""
        if self._private.get(repository.lower()):
            return {"audience": {"groups": [_group(repository)]}}
        self._told.add(repository.lower())
        return {}


def _group(repository: str) -> str:
    """The id of the group that may read a private repository."""
    return f"repository/{repository.lower()}"


def _place(raw: Raw) -> tuple[str, str, str]:
    """What the addresses of a record say: `OWNER/NAME`, number of the issue, anchor of a comment; empty if unknown."""
    repository = number = part = ""
    for field in _URLS:
        value = raw.get(field)
        if not isinstance(value, str):
            continue
        if found := _API.search(value) or _PAGE.match(value):
            repository, number = repository or found[1], number or found[2] or ""
            part = part or (found[3] or "" if found.re is _PAGE else "")
    return repository, number, part


def _items(raw: Raw, field: str) -> list[object]:
    """A list of anything, empty where there is none; `gh` and GraphQL may put it under `nodes`."""
    value = raw.get(field)
    if isinstance(value, Mapping):
        value = value.get("nodes")
    return value if isinstance(value, list) else []


def _label(label: object) -> str:
    if isinstance(label, Mapping):
        return said(label, "name")
    return unquote(label.rpartition("/")[2] if "://" in label else label) if isinstance(label, str) else ""


FORMAT: Final = Format(
    name="github",
    summary="Issues, pull requests and reviews of GitHub, as its interfaces give them (JSON)",
    open=GitHubReader,
    keys=("github", "email"),
    proves=("github",),
    audiences=True,
    machines=True,
    place="repository",
)
"""This format, as `sources/formats.py` finds it."""
