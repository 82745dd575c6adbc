"""A Stack Exchange data dump: the XML files of one site (Posts, Users, Comments), which every site publishes.

- question and answer -> posts of these kinds; tag wikis are of the kind `wiki`; a comment is a post of its own
- an answer and a comment have the post above as their `parent`; their author has the act `reply` on that post
- the accepted answer -> the act `accept` of whoever asked, on the day of that vote where `Votes.xml` is there
- answers and comments have the tags of their question

What an answer quotes stays among its words: on such a site a quotation is a line of the question or of a manual, and
says what the answer is about. On 85 questions of a site MAP was .246 with quotations kept, and .219 with quotations
taken for the words of others.

All other votes are anonymous and weigh nothing; they are not read, and neither are the histories of posts. An author
whose account was deleted has no number in the dump, only a name such as `user12345`: nobody is credited. The site's
own account (`Community`, -1) is a machine. An edited post comes with its newest text; what was deleted is not in a
dump, so a newer one is imported with `--complete`.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Spot, Tree, said, xml_elements
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.formats import Format
from expertfinder.sources.html import text_of
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import RecordKind, Said

_KINDS: Final = {"1": "question", "2": "answer", "4": "wiki", "5": "wiki"}
"""Types of posts that are read. Others are a site's own: elections, help pages, placeholders."""
_COMMUNITY: Final = "-1"
"""The account in whose name a site acts by itself."""
_TAG: Final = re.compile(r"[^<>|]+")
"""Tags are written `<pump><oil>`, and `|pump|oil|` in newer dumps."""
_ACCEPTS: Final = "1"
"""The type of the vote by which whoever asked accepts an answer."""
_FIRST: Final = date(2000, 1, 1)
"""The day that days are counted from; the first site opened in 2008."""
IDS_KEPT: Final = 50_000_000
"""Posts with a number below this take six bytes of memory each, 300 MB at most; others take some hundred bytes. One
site has higher numbers."""
WAITING_LIMIT: Final = 10_000
"""How many answers that stand before their question in the file may wait for its tags. Merged questions have such."""


class StackExchangeReader(ExportReader):
    """Reads the dump of a site (`Reader`): a folder or archive with `Posts.xml`; the others may be missing."""

    def begin(self) -> None:
        self._site = self.options.get("site", "").rstrip("/")
        if self._site and not self._site.startswith(("https://", "http://")):
            raise SourceError("the option 'site' is an address such as https://questions.example", field="site")
        # Row 0 stands for posts that were not read, row 1 for posts without tags.
        self._tags: list[tuple[str, ...]] = [(), ()]
        self._rows: dict[tuple[str, ...], int] = {(): 1}
        self._row_of = _Numbers("I")
        self._row_of_others: dict[str, int] = {}
        self._accepted_on = _Numbers("H")
        self._accepted: dict[str, str] = {}
        self._waiting: dict[str, list[tuple[Spot, Raw]]] = {}

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        names = {name.rpartition("/")[2].lower(): name for name in tree.names}
        if "posts.xml" not in names:
            tree.wanted("Posts.xml", what="a Stack Exchange dump")
        if "users.xml" in names:
            for spot, row in xml_elements(tree, names["users.xml"], ("row",)):
                yield from self.facts_of(spot, self._user, row.attrib)
        else:
            self.counts.remarks.append("the dump has no Users.xml: its authors have no names")
        if "votes.xml" in names:
            for spot, row in xml_elements(tree, names["votes.xml"], ("row",)):
                if row.attrib.get("VoteTypeId") == _ACCEPTS:
                    self.tried(spot, partial(self._vote, dict(row.attrib)))
        waiting = 0
        for spot, row in xml_elements(tree, names["posts.xml"], ("row",)):
            post = dict(row.attrib)
            above = said(post, "ParentId")
            if above and not self._has(above) and waiting < WAITING_LIMIT:
                self._waiting.setdefault(above, []).append((spot, post))
                waiting += 1
                continue
            yield from self.facts_of(spot, self._post, post)
            for later, answer in self._waiting.pop(said(post, "Id"), ()):
                waiting -= 1
                yield from self.facts_of(later, self._post, answer)
        for answers in self._waiting.values():
            for later, answer in answers:
                yield from self.facts_of(later, self._post, answer)
        if "comments.xml" in names:
            for spot, row in xml_elements(tree, names["comments.xml"], ("row",)):
                yield from self.facts_of(spot, self._comment, row.attrib)
        for name in ("posthistory.xml", "badges.xml", "postlinks.xml", "tags.xml"):
            if name in names:
                self.left_out(f"files that say nothing of who knows what ({names[name]})")

    # --- rows --------------------------------------------------------------------------------------------------------

    def _user(self, row: Raw) -> Made:
        number, account = said(row, "Id"), said(row, "AccountId")
        yield (
            "person",
            {
                "id": f"u{number}" if number else "",
                "name": said(row, "DisplayName"),
                "location": said(row, "Location"),
                "bio": text_of(said(row, "AboutMe")),
                "joined_at": said(row, "CreationDate"),
                "accounts": [f"stackexchange:{account}"] if account and number != _COMMUNITY else [],
                "kind": "machine" if number == _COMMUNITY else None,
            },
        )

    def _vote(self, row: Raw) -> None:
        try:
            day = date.fromisoformat(said(row, "CreationDate")[:10])
        except ValueError:
            return
        self._accepted_on.put(said(row, "PostId"), max((day - _FIRST).days, 0))

    def _post(self, row: Raw) -> Made:
        kind = _KINDS.get(said(row, "PostTypeId"))
        number, owner, above = said(row, "Id"), self._who(row, "OwnerUserId"), said(row, "ParentId")
        if kind is None:
            self.left_out("posts of the site itself (elections, help pages)")
            return
        if said(row, "DeletionDate"):
            self.left_out("deleted posts")
            yield "post", {"type": "Delete", "object": f"p{number}"}
            return
        tags = self._remember(number, tuple(_TAG.findall(said(row, "Tags"))) or self._of(above))
        at = said(row, "CreationDate")
        parent = f"p{above}" if above and kind == "answer" else ""
        yield (
            "post",
            {
                "id": f"p{number}" if number else "",
                "authors": [owner] if owner else [],
                "kind": kind,
                "title": said(row, "Title"),
                "text": text_of(said(row, "Body"), marked=False),
                "created_at": at,
                "parent": parent,
                "tags": list(tags),
                "url": f"{self._site}/{'a' if parent else 'q'}/{number}" if self._site else "",
            },
        )
        if owner and parent:
            yield self._act("reply", owner, f"p{number}", parent, at)
        if (asker := self._accepted.pop(number, "")) and kind == "answer":
            yield self._act("accept", asker, f"p{number}", f"p{number}", self._at(number, at))
        if owner and (accepted := said(row, "AcceptedAnswerId")):
            self._accepted[accepted] = owner

    def _comment(self, row: Raw) -> Made:
        number, above, owner, at = (
            said(row, "Id"),
            said(row, "PostId"),
            self._who(row, "UserId"),
            said(row, "CreationDate"),
        )
        if not self._has(above):
            self.left_out("comments under posts that are not in the dump")
            return
        yield (
            "post",
            {
                "id": f"c{number}" if number else "",
                "authors": [owner] if owner else [],
                "kind": "comment",
                "text": said(row, "Text"),
                "created_at": at,
                "parent": f"p{above}",
                "tags": list(self._of(above)),
                "url": f"{self._site}/posts/comments/{number}" if self._site else "",
            },
        )
        if owner:
            yield self._act("reply", owner, f"c{number}", f"p{above}", at)

    # --- what later rows need of earlier ones --------------------------------------------------------------------

    def _remember(self, number: str, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Keep the tags of a post that was read."""
        row = self._rows.setdefault(tags, len(self._tags))
        if row == len(self._tags):
            self._tags.append(tags)
        if not self._row_of.put(number, row):
            self._row_of_others[number] = row
        return tags

    def _row(self, number: str) -> int:
        return self._row_of.get(number) or self._row_of_others.get(number, 0)

    def _has(self, number: str) -> bool:
        """Whether a post was read."""
        return self._row(number) > 0

    def _of(self, number: str) -> tuple[str, ...]:
        """The tags of a post that was read; none of any other."""
        return self._tags[self._row(number)]

    def _at(self, number: str, answered: str) -> str:
        """When an answer was accepted: the day of the vote by which it was, and not before it was written."""
        days = self._accepted_on.get(number)
        day = (_FIRST + timedelta(days=days)).isoformat() if days else ""
        return f"{day}T00:00:00" if day > answered else answered

    def _act(self, verb: str, actor: str, of: str, object: str, at: str) -> tuple[RecordKind, Mapping[str, object]]:
        return (
            "interaction",
            {"id": f"{verb}/{of}", "actor": actor, "verb": verb, "object": object, "created_at": at},
        )

    def _who(self, row: Raw, field: str) -> str:
        number = said(row, field)
        if not number:
            self.counts.notes["posts by deleted accounts: nobody is credited"] += 1
        return f"u{number}" if number else ""


class _Numbers:
    """A small number for each post, by the number of the post; 0 where nothing was put."""

    def __init__(self, code: str) -> None:
        """`code`: the type code of `array`, which says how many bytes each value has."""
        self._kept = array(code)
        self._most = 256**self._kept.itemsize - 1

    def put(self, number: str, value: int) -> bool:
        """Keep a value. `False` where the number is no number or too high (`IDS_KEPT`), or the value is too large."""
        place = int(number) if number.isascii() and number.isdecimal() and len(number) <= 9 else IDS_KEPT
        if place >= IDS_KEPT or value > self._most:
            return False
        short = place + 1 - len(self._kept)
        if short > 0:
            self._kept.frombytes(bytes(self._kept.itemsize * (short + len(self._kept) // 8)))
        self._kept[place] = value
        return True

    def get(self, number: str) -> int:
        """The value of a number; 0 where none was put."""
        place = int(number) if number.isascii() and number.isdecimal() and len(number) <= 9 else IDS_KEPT
        return self._kept[place] if place < len(self._kept) else 0


FORMAT: Final = Format(
    name="stackexchange",
    summary="A data dump of a Stack Exchange site: Posts.xml, Users.xml, Comments.xml",
    open=StackExchangeReader,
    options={"site": "the address of the site (https://...), for links to its posts"},
    keys=("stackexchange",),
    machines=True,
)
"""This format, as `sources/formats.py` finds it."""
