"""Issues of Jira: pages of its REST interface (version 2 and 3, Cloud and Data Center), or the XML of a search.

- an issue and each of its comments -> posts; labels and components are the tags, the project is the place
- the author of an issue is its reporter; once it is resolved the assignee is one, too, and has the act `answer`
- a comment -> `reply`

People are their account numbers on Cloud and their user names elsewhere. Former and anonymous users, and customers of a
service desk, are nobody; apps are machines. Text is read as wiki marks, as a document of version 3, or as HTML.

An issue with a security level may be read by the group `KEY/security/LEVEL`. A comment that is limited to a role may be
read by `KEY/role/ROLE`, to a group by `group/NAME`, and to the agents of a service desk by `KEY/agents`. Files
`groups/NAME.json` name the members of groups, and `roles/KEY/ROLE.json` those of roles. No issue says whether its
project is closed: projects that the option `restricted` names may be read by the group `KEY/members`. Attachments, work
logs, votes and changes are not read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final
from xml.etree.ElementTree import Element

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Spot, Tree, listed, many, number, one, said, xml_elements
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.known import Known
from expertfinder.sources.exports.values import json_files, json_values
from expertfinder.sources.formats import Format
from expertfinder.sources.html import text_of
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import RecordKind, Said

_KNOWING: Final = re.compile(r"(?:.*/)?(?:groups|roles|users)/.*|(?:.*/)?users\.\w+")
"""Paths of files that say who is in which group: they are read before any fact is given."""
_NOBODY: Final = re.compile(r"(?:former user|anonymous|unassigned|deleted user|user-[0-9a-f]{5,})", re.IGNORECASE)
"""Names of accounts that are nobody's (any more)."""
_NO_ACCOUNT: Final = frozenset({"", "-1", "unknown", "unidentified"})
_BLOCKS: Final = frozenset(
    ("paragraph", "heading", "codeBlock", "blockquote", "listItem", "tableCell", "tableHeader", "hardBreak", "panel")
)
"""Nodes of a document of version 3 that stand on lines of their own."""


class JiraReader(ExportReader):
    """Reads what was saved of Jira (`Reader`): a folder, an archive or a file."""

    def begin(self) -> None:
        self._site = self.options.get("site", "").rstrip("/")
        if self._site and not self._site.startswith(("https://", "http://")):
            raise SourceError("the option 'site' is an address such as https://issues.example", field="site")
        self._restricted = {key.strip().upper() for key in self.options.get("restricted", "").split(",") if key.strip()}
        self._groups: dict[str, set[str]] = defaultdict(set)
        self._profiles: dict[str, Raw] = {}
        self._seen = Known()
        self._issues = 0

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        pages = [name for name in tree.names if name.lower().endswith(".xml")]
        names: list[str] = []
        if len(pages) < len(tree.names) or not pages:
            names = json_files(tree, lambda name: 0 if _KNOWING.fullmatch(name) else 1, what="what was saved of Jira")
            tree.left["files that are no JSON"] -= len(pages)
            tree.left = +tree.left
        knowing = [name for name in names if _KNOWING.fullmatch(name.lower())]
        for name in knowing:
            for spot, raw in json_values(tree, name, "values"):
                self.tried(spot, partial(self._know, name, raw))
        for id, profile in self._profiles.items():
            yield from self.facts_of(Spot(tree.named(knowing[0])), partial(self._person, id), profile)
        for name in names[len(knowing) :]:
            for spot, raw in json_values(tree, name, "issues"):
                yield from self.facts_of(spot, self._issue, raw)
        for name in pages:
            for spot, element in xml_elements(tree, name, ("item",)):
                yield from self.facts_of(spot, self._issue, _issue_of(element))
        if not self._issues:
            self.counts.remarks.append("there was no issue in it")

    # --- people ------------------------------------------------------------------------------------------------------

    def _know(self, name: str, raw: object) -> None:
        """Take in a user, the members of a group, or who has a role."""
        if not isinstance(raw, Mapping):
            return
        *folders, file = name.split("/")
        plain = file.rpartition(".")[0]
        if "roles" in folders and folders[-1] != "roles":
            role = f"{folders[-1].upper()}/role/{said(raw, 'name') or plain}"
            for actor in many(raw, "actors"):
                user = one(actor, "actorUser") if isinstance(actor.get("actorUser"), Mapping) else actor
                if id := said(user, "accountId", "name") if "group" not in said(actor, "type") else "":
                    self._groups[id].add(role)
            return
        id, _ = _who(raw)
        if id:
            self._profiles[id] = {**self._profiles.get(id, {}), **raw}
            if "groups" in folders:
                self._groups[id].add(f"group/{plain}")

    def _person(self, id: str, user: Raw, place: Mapping[str, object] | None = None) -> Made:
        """The record of somebody; `place`: the audience field of the place where they are named."""
        audience = self._seen.audience(id, place or {})
        if audience is None:
            return
        user = {**user, **self._profiles.get(id, {})}
        account, email = said(user, "accountId"), said(user, "emailAddress")
        if user.get("active") is False:
            self.counts.notes["inactive accounts; when they left a directory must say"] += 1
        yield (
            "person",
            {
                "id": id,
                "name": said(user, "displayName") or id,
                "accounts": [f"atlassian:{account}"] if account else [f"jira:{id.lower()}"],
                "email": email if "@" in email else "",
                "kind": "machine" if said(user, "accountType") == "app" else None,
                "groups": sorted(self._groups[id]) if id in self._groups else [],
                **audience,
            },
        )

    def _author(self, raw: Raw, *fields: str) -> tuple[str, Raw]:
        """The first of these fields that names somebody; empty for nobody."""
        for field in fields:
            user = one(raw, field)
            id, why = _who(user)
            if id:
                return id, user
            if user and why:
                self.left_out(why)
                return "", {}
        return "", {}

    # --- issues ------------------------------------------------------------------------------------------------------

    def _issue(self, raw: Raw) -> Made:
        fields = one(raw, "fields")
        key = said(raw, "key")
        if not key or not fields:
            self.left_out("objects that are no issue")
            return
        self._issues += 1
        project = said(one(fields, "project"), "key") or key.rpartition("-")[0]
        level = one(fields, "security")
        audience: dict[str, object] = {}
        if level:
            audience = {"audience": {"groups": [f"{project}/security/{said(level, 'name', 'id')}"]}}
        elif project.upper() in self._restricted:
            audience = {"audience": {"groups": [f"{project}/members"]}}
        reporter, user = self._author(fields, "reporter", "creator")
        if reporter:
            yield from self._person(reporter, user, audience)
        assignee, user = self._author(fields, "assignee") if _is_resolved(fields) else ("", {})
        if assignee:
            yield from self._person(assignee, user, audience)
        at = said(fields, "created")
        tags = [*listed(fields, "labels"), *(said(each, "name") for each in many(fields, "components"))]
        base = self._site or said(raw, "self").partition("/rest/")[0]
        post = {
            "id": key,
            "authors": [who for who in (reporter, assignee) if who],
            "kind": "issue",
            "title": said(fields, "summary"),
            "text": _text(fields.get("description")),
            "created_at": at,
            "tags": [tag for tag in tags if tag],
            "community": project,
            "url": said(raw, "link") or (f"{base}/browse/{key}" if base.startswith("http") else ""),
            **audience,
        }
        yield "post", post
        if assignee and assignee != reporter:
            solved = {**post, "created_at": said(fields, "resolutiondate") or at}
            yield self._act("answer", assignee, key, solved)
        self.left_out("attached files", len(many(fields, "attachment")))
        block = one(fields, "comment")
        comments = many(block, "comments") if block else many(raw, "comments")
        self.left_out(
            "comments that the export does not have", max(int(number(block, "total") or 0) - len(comments), 0)
        )
        for comment in comments:
            yield from self._comment(comment, post, has_level=bool(level))

    def _comment(self, raw: Raw, issue: Mapping[str, object], *, has_level: bool) -> Made:
        key, project, limit = issue["id"], issue["community"], one(raw, "visibility")
        audience = {"audience": issue["audience"]} if "audience" in issue else {}
        if limit or raw.get("jsdPublic") is False:
            # People with a role may open the project; a group may hold people who may not.
            if has_level or ("audience" in issue and limit and said(limit, "type") != "role"):
                self.left_out("comments for a few on issues for a few: who is in both is not known")
                return
            value = said(limit, "value", "identifier")
            group = f"{project}/role/{value}" if said(limit, "type") == "role" else f"group/{value}"
            audience = {"audience": {"groups": [group if limit else f"{project}/agents"]}}
        author, user = self._author(raw, "author")
        if author:
            yield from self._person(author, user, audience)
        if not said(raw, "id"):
            raise SourceError("a comment has an 'id'", field="id")
        post = {
            "id": f"{key}/comment-{said(raw, 'id')}",
            "authors": [author] if author else [],
            "kind": "comment",
            "text": _text(raw.get("body")),
            "created_at": said(raw, "created"),
            "parent": key,
            "community": project,
            **audience,
        }
        yield "post", post
        if author:
            yield self._act("reply", author, str(key), post)

    def _act(self, verb: str, actor: str, on: str, of: Mapping[str, object]) -> tuple[RecordKind, Mapping[str, object]]:
        """`of`: the post by which the act was done; the act takes its id, time and audience."""
        act: dict[str, object] = {"id": f"{verb}/{of['id']}", "actor": actor, "verb": verb, "object": on}
        return "interaction", act | {name: of[name] for name in ("created_at", "audience") if name in of}


def _who(user: Raw) -> tuple[str, str]:
    """The id of a user, with an empty text; or an empty id, with the reason why the user is nobody."""
    id = said(user, "accountId", "name", "key")
    if id.lower() in _NO_ACCOUNT or _NOBODY.fullmatch(said(user, "displayName")):
        return "", "names of users who are gone: nobody is credited"
    if said(user, "accountType") == "customer":
        return "", "names of customers, who are not of the organisation"
    return id, ""


def _is_resolved(fields: Raw) -> bool:
    status = one(one(fields, "status"), "statusCategory")
    return bool(said(one(fields, "resolution"), "name", "id")) or said(status, "key") == "done"


def _text(value: object) -> str:
    """Wiki marks as they are; a document of version 3 as lines, its quotations as `> ...`."""
    if not isinstance(value, Mapping):
        return said({"text": value}, "text")
    lines: list[str] = []
    line: list[str] = []
    quoted = 0
    rest: list[object] = [value]
    while rest:
        node = rest.pop()
        if isinstance(node, str):  # the name of a node that ends
            lines.append("> " * (quoted > 0) + "".join(line))
            line.clear()
            quoted -= node == "blockquote"
            continue
        if not isinstance(node, Mapping):
            continue
        kind, about = said(node, "type"), node.get("attrs")
        line.append(said(node, "text"))
        if kind in ("mention", "emoji", "status") and isinstance(about, Mapping):
            line.append(said(about, "text", "shortName"))
        if kind in _BLOCKS:
            rest.append(kind)
            if line and "".join(line).strip():
                lines.append("> " * (quoted > 0) + "".join(line))
            line.clear()
            quoted += kind == "blockquote"
        content = node.get("content")
        rest.extend(reversed(content) if isinstance(content, list) else ())
    lines.append("".join(line))
    return "\n".join(line for line in lines if line.strip(" >"))


def _issue_of(item: Element) -> Raw:
    """An item of the XML of a search as the REST interface would give the issue."""

    def text(name: str) -> str:
        return (item.findtext(name) or "").strip()

    def user(name: str) -> dict[str, object]:
        found = item.find(name)
        if found is None:
            return {}
        return {**_account(found.get("accountid"), found.get("username")), "displayName": (found.text or "").strip()}

    project, level, resolution = item.find("project"), item.find("security"), item.find("resolution")
    comments = [
        {
            "id": each.get("id"),
            "author": _account(None, each.get("author")),
            "body": text_of(each.text or ""),
            "created": each.get("created"),
            "visibility": _limit(each),
        }
        for each in item.findall("comments/comment")
    ]
    fields: dict[str, object] = {
        "summary": text("summary"),
        "description": text_of(text("description")),
        "project": {"key": project.get("key")} if project is not None else None,
        "security": {"name": (level.text or level.get("id") or "").strip()} if level is not None else None,
        "reporter": user("reporter"),
        "assignee": user("assignee"),
        "created": text("created"),
        "resolutiondate": text("resolved"),
        "resolution": {"name": text("resolution")} if resolution is not None and text("resolved") else None,
        "labels": [(each.text or "").strip() for each in item.findall("labels/label")],
        "components": [{"name": (each.text or "").strip()} for each in item.findall("component")],
        "attachment": [{} for _ in item.findall("attachments/attachment")],
    }
    return {"key": text("key"), "link": text("link"), "fields": fields, "comments": comments}


def _account(account: str | None, name: str | None) -> dict[str, object]:
    """A user by the number of Cloud (it has a colon, or is 24 digits) or by the name of a server."""
    if account is not None or re.fullmatch(r"\d+:[\w-]+|[0-9a-f]{24}", name or ""):
        return {"accountId": account if account is not None else name}
    return {"name": name}


def _limit(comment: Element) -> dict[str, object]:
    role, group = comment.get("rolelevel"), comment.get("grouplevel")
    return {"type": "role", "value": role} if role else {"type": "group", "value": group} if group else {}


FORMAT: Final = Format(
    name="jira",
    summary="Issues of Jira: pages of its REST interface (JSON), or the XML of a search",
    open=JiraReader,
    options={
        "site": "the address of Jira (https://...), for links to its issues",
        "restricted": "keys of projects that not everybody may read, with commas: each is a group KEY/members",
    },
    keys=("atlassian", "jira", "email"),
    audiences=True,
    machines=True,
    place="project",
)
"""This format, as `sources/formats.py` finds it."""
