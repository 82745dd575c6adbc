"""Stack Internal (Stack Overflow for Teams): pages of its interface, version 2.3 and version 3.

Any files of JSON are read, and each object is known by what it holds: questions with or without their answers and
comments, answers, articles, comments, users. What becomes of them is as in a dump (`stackexchange.py`): an accepted
answer is accepted by whoever asked, votes weigh nothing, who has no account any more is nobody.

A site has one audience, and so has a private team: each is an import of its own. What is marked as deleted is
withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Tree, flag, many, one, said
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.known import Known
from expertfinder.sources.exports.values import json_files, json_values
from expertfinder.sources.formats import Format
from expertfinder.sources.html import text_of
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import RecordKind, Said

_ORDER: Final = ("user", "question", "article", "answer", "comment")
"""Words in the names of files, in the order in which these are read: a question comes before its answers."""


class StackInternalReader(ExportReader):
    """Reads what was saved of a site (`Reader`): a folder, an archive or a file of JSON."""

    def begin(self) -> None:
        self._seen = Known()
        self._tags: dict[str, tuple[str, ...]] = {}
        self._askers: dict[str, str] = {}
        self._accepted: dict[str, str] = {}

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        def rank(name: str) -> int:
            return next((at for at, word in enumerate(_ORDER) if word in name.rpartition("/")[2]), len(_ORDER))

        for name in json_files(tree, rank, what="what was saved of Stack Internal"):
            for spot, raw in json_values(tree, name, "items"):
                yield from self.facts_of(spot, self._any, raw)
        if not self._tags:
            self.counts.remarks.append("there was no question or article in it")

    def _any(self, raw: Raw) -> Made:
        """The native records of an object. Its fields tell what it is."""
        if "comment_id" in raw or "postId" in raw:
            return self._comment(raw, said(raw, "post_id", "postId"))
        if "answer_id" in raw or "questionId" in raw:
            return self._answer(raw, said(raw, "question_id", "questionId"))
        if "title" in raw and not {"question_id", "article_id", "id"}.isdisjoint(raw):
            return self._question(raw)
        if not {"display_name", "accountId", "email"}.isdisjoint(raw):
            return self._person(raw)
        self.left_out("objects that are no question, answer, article, comment or user")
        return ()

    def _person(self, raw: Raw) -> Made:
        number, kind = said(raw, "user_id", "id"), said(raw, "user_type", "role")
        if not number or kind == "does_not_exist" or self._seen.audience(number, {}) is None:
            return
        email, outside = said(raw, "email", "verified_email"), said(raw, "externalId", "external_id")
        yield (
            "person",
            {
                "id": f"u{number}",
                "name": said(raw, "display_name", "name"),
                "title": said(raw, "job_title", "jobTitle"),
                "org_unit": said(raw, "department"),
                "location": said(raw, "location"),
                "bio": text_of(said(raw, "about_me")),
                "email": email if "@" in email else "",
                "accounts": [f"idp:{outside}"] if outside else [],
                "kind": "machine" if number.startswith("-") else None,
            },
        )

    def _owner(self, raw: Raw) -> tuple[str, Raw]:
        owner = one(raw, "owner")
        number = said(owner, "user_id", "id")
        if not number or said(owner, "user_type") == "does_not_exist":
            self.counts.notes["posts by deleted accounts: nobody is credited"] += 1
            return "", {}
        return f"u{number}", owner

    def _question(self, raw: Raw) -> Made:
        article = "article_id" in raw or "rticle" in said(raw, "type")
        number = said(raw, "article_id" if article else "question_id", "id")
        if flag(raw, "isDeleted"):
            self.left_out("deleted posts")
            yield "post", {"type": "Delete", "object": f"p{number}"}
            return
        owner, user = self._owner(raw)
        yield from self._person(user)
        tags = raw.get("tags")
        names = (
            [said(tag, "name") if isinstance(tag, Mapping) else tag for tag in tags] if isinstance(tags, list) else []
        )
        self._tags[number] = tuple(name for name in names if isinstance(name, str) and name)
        self._askers[number] = owner
        if not article and (accepted := said(raw, "accepted_answer_id")):
            self._accepted[accepted] = owner
        yield (
            "post",
            self._post(raw, number, owner)
            | {
                "kind": "article" if article else "question",
                "title": said(raw, "title"),
                "tags": list(self._tags[number]),
            },
        )
        for answer in many(raw, "answers") if isinstance(raw.get("answers"), list) else ():
            yield from self._answer(answer, number)
        for comment in many(raw, "comments") if isinstance(raw.get("comments"), list) else ():
            yield from self._comment(comment, number)

    def _answer(self, raw: Raw, above: str) -> Made:
        number = said(raw, "answer_id", "id")
        if flag(raw, "isDeleted") or above not in self._tags:
            self.left_out("deleted posts" if flag(raw, "isDeleted") else "answers whose question is not there")
            yield "post", {"type": "Delete", "object": f"p{number}"}
            return
        owner, user = self._owner(raw)
        yield from self._person(user)
        tags = self._tags[number] = self._tags[above]
        post = self._post(raw, number, owner)
        yield "post", post | {"kind": "answer", "parent": f"p{above}", "tags": list(tags)}
        if owner:
            yield self._act("reply", owner, f"p{above}", post)
        asker = self._accepted.get(number) or (
            self._askers[above] if flag(raw, "isAccepted") or flag(raw, "is_accepted") else ""
        )
        if asker:
            yield self._act("accept", asker, f"p{number}", post)
        for comment in many(raw, "comments") if isinstance(raw.get("comments"), list) else ():
            yield from self._comment(comment, number)

    def _comment(self, raw: Raw, above: str) -> Made:
        number = said(raw, "comment_id", "id")
        if flag(raw, "isDeleted") or above not in self._tags:
            self.left_out("deleted posts" if flag(raw, "isDeleted") else "comments whose post is not there")
            yield "post", {"type": "Delete", "object": f"c{number}"}
            return
        owner, user = self._owner(raw)
        yield from self._person(user)
        post = self._post(raw, number, owner) | {"id": f"c{number}" if number else ""}
        yield "post", post | {"kind": "comment", "parent": f"p{above}", "tags": list(self._tags[above])}
        if owner:
            yield self._act("reply", owner, f"p{above}", post)

    def _post(self, raw: Raw, number: str, owner: str) -> dict[str, object]:
        if not number:
            raise SourceError("a post has a number (question_id, answer_id, comment_id or id)", field="id")
        return {
            "id": f"p{number}",
            "authors": [owner] if owner else [],
            "text": text_of(said(raw, "body"), marked=False) or said(raw, "body_markdown", "bodyMarkdown"),
            "created_at": said(raw, "creation_date", "creationDate"),
            "url": said(raw, "link", "webUrl", "shareUrl"),
        }

    def _act(self, verb: str, actor: str, on: str, of: Mapping[str, object]) -> tuple[RecordKind, Mapping[str, object]]:
        """`of`: the post by which the act was done; the act takes its id and time."""
        act = {"id": f"{verb}/{of['id']}", "actor": actor, "verb": verb, "object": on}
        return "interaction", {**act, "created_at": of["created_at"]}


FORMAT: Final = Format(
    name="stack-internal",
    summary="Stack Internal (Stack Overflow for Teams): pages of its interface, version 2.3 and 3 (JSON)",
    open=StackInternalReader,
    keys=("email", "idp"),
    machines=True,
    withdraws=True,
)
"""This format, as `sources/formats.py` finds it."""
