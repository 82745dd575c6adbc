"""Issues, merge requests and notes of GitLab, as its REST interface gives them, and the export of a project.

Any files of JSON are read, and each object is known by what it holds: pages of `/projects`, `/issues`,
`/merge_requests`, `/notes`, `/discussions`, `/approvals`, and the `.ndjson` files of an unpacked project export.

- an issue, a merge request and a note -> posts; the project is their place; labels are tags
- a note -> `reply`; a note on somebody else's changes -> `review`; an approval -> `approve`; merging -> `merge`

People are their numbers; `gitlab:username` is what GitLab answers for. The ghost user stands for deleted accounts:
nobody. Bots are machines. What GitLab itself notes ("changed the label") is left out.

A confidential issue, an internal note and all below them are for the group `PROJECT/reporters` alone, and what a
private project holds for `PROJECT/members`: whom a file `PROJECT/members.json`, or the export, names with that access.
A note whose issue is not there is left out, because the issue could be confidential.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Spot, Tree, flag, many, number, one, said
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.known import Known
from expertfinder.sources.exports.values import json_files, json_values
from expertfinder.sources.formats import Format
from expertfinder.sources.paths import path_topics
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import RecordKind, Said

_ORDER: Final = ("project", "member", "user", "issue", "merge_request", "note", "discussion", "approval")
"""Words with which names of files begin, in the order in which these are read: who may read what comes first."""
_KNOWING: Final = 3
"""How many of the first words of `_ORDER` name files that are read before any fact is given."""
_PAGE: Final = re.compile(r"https?://[^/]+/(.+?)/(?:-/)?(?:issues|merge_requests|work_items)/(\d+)")
_FULL: Final = re.compile(r"(.+)([#!])(\d+)")
_PRIVATE, _REPORTER = "private", 20
"""The visibility of a project for its members, and the level of access from which they see what is confidential."""
_LEVELS: Final = {"0": "private", "10": "internal", "20": "public"}
"""Numbers of visibility in an export."""
_GHOST: Final = "ghost"
_BOT: Final = re.compile(r"(?:project|group)_\d+_bot\w*|(?:support|alert|migration|security|duo)[-_]bot")
"""Usernames of the machines that GitLab makes itself."""


class GitLabReader(ExportReader):
    """Reads what was saved of GitLab (`Reader`): a folder, an archive or a file of JSON."""

    def begin(self) -> None:
        self._project = self.options.get("project", "").strip("/")
        self._paths: dict[str, str] = {}
        self._visible: dict[str, str] = {}
        self._told: set[str] = set()
        self._groups: dict[str, set[str]] = defaultdict(set)
        self._profiles: dict[str, Raw] = {}
        self._seen = Known()
        self._named: set[str] = set()
        self._listed: set[str] = set()
        self._threads: dict[str, bool] = {}
        self._authors: dict[str, str] = {}
        self._by_number: dict[tuple[str, str], str] = {}

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        def rank(name: str) -> int:
            file = name.rpartition("/")[2]
            return next((at for at, word in enumerate(_ORDER) if re.match(rf"(?:project_)?{word}", file)), len(_ORDER))

        names = json_files(tree, rank, what="what was saved of GitLab")
        knowing = [name for name in names if rank(name.lower()) < _KNOWING]
        for name in knowing:
            for spot, raw in json_values(tree, name, "items"):
                self.tried(spot, partial(self._know, name, raw))
        for id, profile in self._profiles.items():
            closed = {} if id in self._listed else {"audience": {"groups": self._groups[id]}}
            yield from self.facts_of(Spot(tree.named(knowing[0])), partial(self._person, id, place=closed), profile)
        for name in names[len(knowing) :]:
            for spot, raw in json_values(tree, name, "items"):
                if isinstance(raw, Mapping):  # files of an export may hold `null` where a project has nothing
                    yield from self.facts_of(spot, partial(self._any, name), raw)
        if not self._threads:
            self.counts.remarks.append("there was no issue or merge request in it")

    # --- projects and people -------------------------------------------------------------------------------------

    def _know(self, name: str, raw: object) -> None:
        """Take in a project, or somebody who may read it."""
        if not isinstance(raw, Mapping):
            return
        file = name.lower().rpartition("/")[2]
        if "visibility" in raw or "visibility_level" in raw:
            path = said(raw, "path_with_namespace") or self._of_folder(name)
            self._paths[said(raw, "id")] = path
            shown = said(raw, "visibility") or _LEVELS.get(said(raw, "visibility_level"), _PRIVATE)
            if _PRIVATE in (said(raw, "issues_access_level"), said(raw, "merge_requests_access_level")):
                shown = _PRIVATE
            self._visible[path] = shown
            if shown == _PRIVATE and path in self._told:
                raise SourceError(f"{path} is private, and what it holds was read before this", field="visibility")
        elif "user" in raw or "username" in raw:
            user = one(raw, "user") or raw
            id = said(user, "id")
            self._profiles[id] = {**self._profiles.get(id, {}), **user}
            path = self._of_folder(name) if "member" in file else ""
            if "member" in file:
                self._member(path, id, number(raw, "access_level") or 0)
            if self._visible.get(path) != _PRIVATE:
                self._listed.add(id)

    def _member(self, path: str, id: str, level: float) -> None:
        if not path:
            self.left_out("members of a project that no folder names (GROUP/PROJECT/members.json)")
        elif level > 0:
            self._groups[id].add(f"{path}/members")
            if level >= _REPORTER:
                self._groups[id].add(f"{path}/reporters")

    def _of_folder(self, name: str) -> str:
        """The project of a file: that of the option, else the folders of the file, else the only known project."""
        folders = [part for part in name.split("/")[:-1] if part not in ("tree", "project")]
        return self._project or "/".join(folders) or self._alone()

    def _alone(self) -> str:
        return next(iter(self._visible)) if len(self._visible) == 1 else ""

    def _person(self, id: str, user: Raw, place: Mapping[str, object] = MappingProxyType({})) -> Made:
        """The record of somebody; `place`: the audience field of the place where they are named."""
        audience = self._seen.audience(id, place)
        if audience is None and (id in self._named or not said(user, "name")):
            return
        user = self._profiles[id] = {**user, **self._profiles.get(id, {})}
        if audience is None:  # an export of a project names people by their number first, and in notes by their names
            audience = self._seen.again(id)
        if said(user, "name"):
            self._named.add(id)
        username = said(user, "username").lower()
        machine = user.get("bot") is True or bool(username and _BOT.fullmatch(username))
        emails = [said(user, field) for field in ("email", "public_email")]
        gone = said(user, "state") in ("blocked", "deactivated", "banned", "ldap_blocked")
        last = said(user, "last_activity_on", "last_sign_in_at")
        if gone and not last:
            self.counts.notes["blocked accounts without a day on which they left"] += 1
        yield (
            "person",
            {
                "id": f"u{id}",
                "name": said(user, "name") or username,
                "title": said(user, "job_title"),
                "location": said(user, "location"),
                "bio": said(user, "bio"),
                "accounts": [f"gitlab:{username}"] if username else [],
                "email": next((email for email in emails if "@" in email), ""),
                "kind": "machine" if machine else None,
                "left_at": last if gone else "",
                "groups": sorted(self._groups[id]) if id in self._groups else [],
                **audience,
            },
        )

    def _who(self, raw: Raw, *fields: str) -> tuple[str, Raw]:
        """The number of the first of these fields that names somebody, and what it says of them; empty for nobody."""
        for field in fields:
            user = one(raw, field) if isinstance(raw.get(field), Mapping) else {}
            id = said(user, "id") or said(raw, f"{field}_id")
            if said(user, "username").lower() == _GHOST or said(user, "name") == "Ghost User":
                return "", {}
            if id:
                return id, user
        return "", {}

    # --- posts -------------------------------------------------------------------------------------------------------

    def _any(self, name: str, raw: Raw) -> Made:
        """The native records of an object. Its fields tell what it is."""
        if "iid" in raw and "title" in raw and not {"author", "author_id"}.isdisjoint(raw):
            return self._thread(name, raw)
        if isinstance(raw.get("notes"), list):
            return self._discussion(raw, "")
        if "noteable_type" in raw or "note" in raw:
            return self._note(raw, "", "")
        if "approved_by" in raw:
            return self._approvals(raw)
        if "path_with_namespace" in raw or "username" in raw:
            self._know(name, raw)
            return self._person(said(raw, "id"), raw) if "username" in raw else ()
        self.left_out("objects that are no issue, merge request or note")
        return ()

    def _thread(self, name: str, raw: Raw) -> Made:
        merges = not {"source_branch", "merge_status", "merge_user"}.isdisjoint(raw)
        full = _FULL.fullmatch(said(one(raw, "references"), "full"))
        page = _PAGE.match(said(raw, "web_url"))
        project = said(raw, "project_id", "target_project_id") if merges else said(raw, "project_id")
        path = full[1] if full else page[1] if page else self._paths.get(project) or self._of_folder(name)
        if not path:
            raise SourceError("nothing says of which project this is: --project GROUP/NAME", field="project_id")
        self._paths.setdefault(project, path)
        id = f"{path}{'!' if merges else '#'}{said(raw, 'iid')}"
        at, confidential = said(raw, "created_at"), flag(raw, "confidential")
        self._threads[id] = confidential
        self._by_number["MergeRequest" if merges else "Issue", said(raw, "id")] = id
        author, user = self._who(raw, "author")
        self._authors[id] = author
        audience = self._audience(id, confidential)
        if author:
            yield from self._person(author, user, audience)
        labels = raw.get("labels")
        names = [_label(each) for each in labels] if isinstance(labels, list) else []
        names += [said(one(link, "label"), "title", "name") for link in many(raw, "label_links")]
        yield (
            "post",
            {
                "id": id,
                "authors": [f"u{author}"] if author else [],
                "kind": "merge_request" if merges else "issue",
                "title": said(raw, "title"),
                "text": said(raw, "description"),
                "created_at": at,
                "tags": [name for name in names if name],
                "community": path,
                "url": said(raw, "web_url"),
                **audience,
            },
        )
        merger, user = self._who(raw, "merge_user", "merged_by")
        merger, user = (merger, user) if merger else self._who(one(raw, "metrics"), "merged_by")
        if merger and merger != author:
            yield from self._person(merger, user, audience)
            of = {"id": id, "created_at": said(raw, "merged_at") or at, **audience}
            yield self._act("merge", merger, id, of)
        first: dict[str, str] = {}
        for note in many(raw, "notes"):
            talk = said(note, "discussion_id")
            yield from self._note(note, id, first.get(talk, ""))
            if talk and not _is_system(note):
                first.setdefault(talk, _note_id(id, note))
        for discussion in many(raw, "discussions"):
            yield from self._discussion(discussion, id)
        for approval in many(raw, "approvals"):
            yield from self._approval(approval, id)

    def _discussion(self, raw: Raw, thread: str) -> Made:
        above = ""
        for note in many(raw, "notes"):
            thread = thread or self._thread_of(note)
            yield from self._note(note, thread, above)
            above = above or ("" if _is_system(note) else _note_id(thread, note))

    def _thread_of(self, raw: Raw) -> str:
        """The id of the issue or merge request above a note; empty where that was not read."""
        kind, project = said(raw, "noteable_type"), self._paths.get(said(raw, "project_id"), "")
        mark, iid = {"Issue": "#", "MergeRequest": "!"}.get(kind, ""), said(raw, "noteable_iid")
        id = (
            f"{project}{mark}{iid}"
            if project and mark and iid
            else self._by_number.get((kind, said(raw, "noteable_id")), "")
        )
        return id if id in self._threads else ""

    def _note(self, raw: Raw, thread: str, above: str) -> Made:
        if _is_system(raw):
            self.left_out("notes that GitLab writes itself")
            return
        thread = thread or self._thread_of(raw)
        if not thread:
            known = said(raw, "noteable_type") in ("Issue", "MergeRequest")
            self.left_out(
                "notes whose issue or merge request is not there" if known else "notes on commits and snippets"
            )
            return
        confidential = self._threads[thread] or flag(raw, "internal") or flag(raw, "confidential")
        id, at = _note_id(thread, raw), said(raw, "created_at")
        author, user = self._who(raw, "author")
        audience = self._audience(thread, confidential)
        if author:
            yield from self._person(author, user, audience)
        parent = above or thread
        position = one(raw, "position") if isinstance(raw.get("position"), Mapping) else {}
        path = said(position, "new_path", "old_path")
        yield (
            "post",
            {
                "id": id,
                "authors": [f"u{author}"] if author else [],
                "kind": "comment",
                "text": said(raw, "body", "note"),
                "created_at": at,
                "parent": parent,
                "tags": list(path_topics((path,))) if path else [],
                "community": re.split("[#!]", thread)[0],
                **audience,
            },
        )
        if author:
            of = {"id": id, "created_at": at, **audience}
            yield self._act("reply", author, parent, of)
            if said(raw, "type") == "DiffNote" and author != self._authors.get(thread):
                yield self._act("review", author, thread, {**of, "id": f"{thread}/u{author}"})

    def _approvals(self, raw: Raw) -> Made:
        path = self._paths.get(said(raw, "project_id"), "")
        thread = f"{path}!{said(raw, 'iid')}"
        if thread not in self._threads:
            self.left_out("approvals whose merge request is not there")
            return
        for each in many(raw, "approved_by"):
            yield from self._approval(each, thread)

    def _approval(self, raw: Raw, thread: str) -> Made:
        who, user = self._who(raw, "user")
        if who and who != self._authors.get(thread):
            audience = self._audience(thread, self._threads[thread])
            yield from self._person(who, user, audience)
            of = {"id": f"{thread}/u{who}", "created_at": said(raw, "approved_at", "created_at"), **audience}
            yield self._act("approve", who, thread, of)

    def _act(
        self, verb: str, actor: str, object: str, of: Mapping[str, object]
    ) -> tuple[RecordKind, Mapping[str, object]]:
        """`of`: the `id` that tells acts of one verb apart, when it was (`created_at`), and for whom (`audience`)."""
        act = {**of, "id": f"{verb}/{of['id']}", "actor": f"u{actor}", "verb": verb, "object": object}
        return "interaction", act

    def _audience(self, thread: str, confidential: bool) -> dict[str, object]:
        """The audience field, for what is confidential or of a private project; empty for anything else."""
        path = re.split("[#!]", thread)[0]
        if confidential:
            return {"audience": {"groups": [f"{path}/reporters"]}}
        if self._visible.get(path) == _PRIVATE:
            return {"audience": {"groups": [f"{path}/members"]}}
        self._told.add(path)
        return {}


def _label(label: object) -> str:
    return said(label, "name", "title") if isinstance(label, Mapping) else label if isinstance(label, str) else ""


def _note_id(thread: str, note: Raw) -> str:
    """The id of a note: its number, or, in an export of a project, which has none, when and by whom it was written."""
    number = said(note, "id") or f"{said(note, 'created_at')}_{said(note, 'author_id')}"
    return f"{thread}/note_{number}"


def _is_system(note: Raw) -> bool:
    return flag(note, "system") or isinstance(note.get("system_note_metadata"), Mapping)


FORMAT: Final = Format(
    name="gitlab",
    summary="Issues, merge requests and notes of GitLab: pages of its interface, or a project export (JSON)",
    open=GitLabReader,
    options={"project": "GROUP/NAME of the project, where the export does not say it"},
    keys=("gitlab", "email"),
    proves=("gitlab",),
    audiences=True,
    machines=True,
    place="project",
)
"""This format, as `sources/formats.py` finds it."""
