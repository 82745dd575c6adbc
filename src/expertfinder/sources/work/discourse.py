"""A forum of Discourse: its topics, posts, categories and users, as its pages give them in JSON.

Any files of JSON are read, and each object is known by what it holds: topics (`/t/ID.json`), posts (`/posts.json`, a
file a post), categories (`/categories.json`, `/site.json`, `/c/ID/show.json`), groups (`/groups/NAME/members.json` as
`groups/NAME.json`), users; and the list of users that an administrator exports (`.csv`).

- the first post of a topic is a `question` where an answer was accepted, else a `topic`; the others are replies, each
  to the post that it answers; all have the tags of the topic where these are told; the category is their place
- an accepted answer -> the act `accept` of whoever began the topic; a reply -> `reply`

Direct messages and whispers of moderators are never read. What was deleted or hidden is withdrawn. A category that not
everybody may read is for its groups; posts of a category that a list of categories does not have are left out. Likes
are counts without names and weigh nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Spot, Tree, flag, many, one, rows, said
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.known import Known
from expertfinder.sources.exports.values import json_files, json_values
from expertfinder.sources.formats import Format
from expertfinder.sources.html import text_of
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import RecordKind, Said

_KNOWING: Final = re.compile(
    r"(?:.*/)?(?:categor|site|show|group|user|admin|member)[^/]*|(?:.*/)?(?:c|groups|u|users)/.*"
)
"""Paths of files that say who may read what: they are read before any fact is given."""
_ANONYMOUS: Final = re.compile(r"anon\d+", re.IGNORECASE)
"""The name that Discourse gives an account that its owner had made anonymous."""
_ORDINARY: Final = "1"
"""The type of posts that people write; others tell what a moderator did, and whispers are for moderators alone."""
_EVERYONE: Final = "everyone"


class DiscourseReader(ExportReader):
    """Reads what was saved of a forum (`Reader`): a folder, an archive or a file."""

    def begin(self) -> None:
        self._site = self.options.get("site", "").rstrip("/")
        if self._site and not self._site.startswith(("https://", "http://")):
            raise SourceError("the option 'site' is an address such as https://forum.example", field="site")
        self._categories: dict[str, Raw] = {}
        self._groups: dict[str, set[str]] = defaultdict(set)
        self._profiles: dict[str, dict[str, object]] = {}
        self._seen = Known()
        self._began: dict[str, str] = {}
        self._waiting: dict[str, list[dict[str, object]]] = defaultdict(list)

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        names = json_files(tree, lambda name: 0 if _KNOWING.fullmatch(name) else 1, what="what was saved of Discourse")
        tables = [name for name in tree.names if name.lower().endswith(".csv")]
        knowing = [name for name in names if _KNOWING.fullmatch(name.lower())]
        for name in tables:
            for spot, row in rows(tree, name):
                self.tried(spot, partial(self._listed, row))
        tree.left["files that are no JSON"] -= len(tables)
        tree.left = +tree.left
        for name in knowing:
            for spot, raw in json_values(tree, name):
                self.tried(spot, partial(self._know, name, raw))
        for number, profile in self._profiles.items():
            spot = Spot(tree.named((tables + knowing)[0]))
            yield from self.facts_of(spot, partial(self._person, number), profile)
        for name in names[len(knowing) :]:
            for spot, raw in json_values(tree, name, "latest_posts", "posts"):
                yield from self.facts_of(spot, self._any, raw)
        if not self._categories:
            self.counts.remarks.append(
                "the export has no categories (categories.json): everything in it has the audience of the import"
            )

    # --- categories, groups and people ---------------------------------------------------------------------------

    def _know(self, name: str, raw: object) -> None:
        """Take in categories, members of groups and users."""
        if not isinstance(raw, Mapping):
            return
        lists = [one(raw, "category_list") if "category_list" in raw else raw]
        for each in (one(raw, "category"), *many(lists[0], "categories")):
            if each:
                self._category(each)
        for each in many(raw, "members"):
            group = name.rpartition("/")[2].rpartition(".")[0]
            self._groups[said(each, "id")].add(f"group/{group if group != 'members' else name.split('/')[-2]}")
            self._profile(each)
        for each in (one(raw, "user"), *([raw] if "username" in raw else [])):
            if each:
                self._profile(each)

    def _category(self, raw: Raw) -> None:
        self._categories[said(raw, "id")] = {**self._categories.get(said(raw, "id"), {}), **raw}
        for below in many(raw, "subcategory_list") if isinstance(raw.get("subcategory_list"), list) else ():
            self._category({"parent_category_id": raw.get("id"), **below})

    def _listed(self, row: Raw) -> None:
        """Take in a row of the list of users."""
        if "username" not in row or "id" not in row:
            raise SourceError("a table has a column 'id' and a column 'username': the list of users", field="username")
        self._profile({name: value for name, value in row.items() if value})
        for group in re.split("[;,]", said(row, "group_names")):
            if group.strip():
                self._groups[said(row, "id")].add(f"group/{group.strip()}")

    def _profile(self, raw: Raw) -> None:
        number = said(raw, "id")
        self._profiles[number] = {**self._profiles.get(number, {}), **raw}
        for group in many(raw, "groups") if isinstance(raw.get("groups"), list) else ():
            self._groups[number].add(f"group/{said(group, 'name')}")

    def _person(self, number: str, user: Raw, place: Mapping[str, object] = MappingProxyType({})) -> Made:
        """The record of somebody; `place`: the audience field of the place where they are named."""
        username = said(user, "username")
        audience = None if _ANONYMOUS.fullmatch(username) else self._seen.audience(number, place)
        if audience is None:
            return
        user = {**user, **self._profiles.get(number, {})}
        email, away = said(user, "email"), said(user, "suspended_at")
        yield (
            "person",
            {
                "id": f"u{number}",
                "name": said(user, "name", "display_username") or username,
                "title": said(user, "title", "user_title"),
                "location": said(user, "location"),
                "bio": text_of(said(user, "bio_cooked", "bio_raw")),
                "joined_at": said(user, "created_at") if "username" in user and "cooked" not in user else "",
                "left_at": away,
                "accounts": [f"discourse:{username.lower()}"] if username else [],
                "email": email if "@" in email else "",
                "kind": "machine" if number.startswith("-") else None,
                "groups": sorted(self._groups[number]) if number in self._groups else [],
                **audience,
            },
        )

    def _audience(self, category: str) -> dict[str, object]:
        """The audience field, for a category that not everybody may read; empty for any other."""
        known = self._categories.get(category, {})
        if not flag(known, "read_restricted"):
            return {}
        names = [said(each, "group_name") for each in many(known, "group_permissions")]
        if _EVERYONE in names:
            return {}
        return {"audience": {"groups": [f"group/{name}" for name in names if name] or [f"category/{category}"]}}

    def _place(self, category: str) -> str:
        names: list[str] = []
        at = category
        while at and len(names) < 3:
            known = self._categories.get(at, {})
            names.insert(0, said(known, "name") or f"category {at}")
            at = said(known, "parent_category_id")
        return "/".join(names)

    # --- posts -------------------------------------------------------------------------------------------------------

    def _any(self, raw: Raw) -> Made:
        if "post_stream" in raw:
            return self._topic(raw)
        if "post_number" in raw and "topic_id" in raw:
            return self._post(raw, raw, ())
        self.left_out("objects that are no topic and no post")
        return ()

    def _topic(self, raw: Raw) -> Made:
        stream = one(raw, "post_stream")
        posts = many(stream, "posts")
        tags = raw.get("tags")
        names = (
            [said(tag, "name") if isinstance(tag, Mapping) else tag for tag in tags] if isinstance(tags, list) else []
        )
        listed = stream.get("stream")
        if isinstance(listed, list) and len(listed) > len(posts):
            self.left_out(
                "posts that are not in the file of their topic (?print=true has more)", len(listed) - len(posts)
            )
        accepted = raw.get("accepted_answer")
        answers = [accepted] if isinstance(accepted, Mapping) else []
        about = {**raw, "accepted": [said(each, "post_number") for each in answers]}
        for post in posts:
            yield from self._post({"topic_id": raw.get("id"), **post}, about, tuple(name for name in names if name))

    def _post(self, raw: Raw, topic: Raw, tags: tuple[object, ...]) -> Made:
        """A post. `topic`: the record of its topic, or the post itself where there is none."""
        number, within = said(raw, "post_number"), said(raw, "topic_id")
        id, category = f"{within}/{number}", said(topic, "category_id")
        if said(topic, "archetype") == "private_message" or not category:
            self.left_out("direct messages")
            return
        if self._categories and category not in self._categories:
            self.left_out("posts of categories that are not listed: who may read them is not known")
            return
        if said(raw, "post_type") not in ("", _ORDINARY):
            self.left_out("whispers, and what moderators did")
            return
        gone = said(raw, "deleted_at") or said(topic, "deleted_at") or flag(raw, "user_deleted") or flag(raw, "hidden")
        if gone:
            self.left_out("deleted and hidden posts")
            yield "post", {"type": "Delete", "object": id}
            return
        author, username = said(raw, "user_id"), said(raw, "username")
        if _ANONYMOUS.fullmatch(username) or not author:
            author = ""
        else:
            yield from self._person(author, {**raw, "id": author}, self._audience(category))
        first, at = number == "1", said(raw, "created_at")
        listed = topic.get("accepted")
        accepted = flag(raw, "accepted_answer") or (isinstance(listed, list) and number in listed)
        asked = bool(listed) or raw.get("topic_accepted_answer") is True
        answered = said(raw, "reply_to_post_number") or "1"
        parent = "" if first else f"{within}/{answered}"
        post = {
            "id": id,
            "authors": [f"u{author}"] if author else [],
            "kind": ("question" if asked else "topic") if first else "answer" if accepted else "reply",
            "title": said(topic, "title", "topic_title") if first else "",
            "text": text_of(said(raw, "cooked")) or said(raw, "raw"),
            "created_at": at,
            "parent": parent,
            "tags": list(tags),
            "community": self._place(category),
            "url": f"{self._site}/t/{id}" if self._site else "",
            **self._audience(category),
        }
        yield "post", post
        if author and parent:
            yield self._act("reply", author, parent, post)
        if first and author:
            self._began[within] = author
            for of in self._waiting.pop(within, ()):
                yield self._act("accept", author, str(of["id"]), of)
        if accepted and (asker := self._began.get(within)):
            yield self._act("accept", asker, id, post)
        elif accepted and not first:
            self._waiting[within].append(post)

    def _act(self, verb: str, actor: str, on: str, of: Mapping[str, object]) -> tuple[RecordKind, Mapping[str, object]]:
        """`of`: the post by which the act was done; the act takes its id, time and audience."""
        act: dict[str, object] = {"id": f"{verb}/{of['id']}", "actor": f"u{actor}", "verb": verb, "object": on}
        return "interaction", act | {name: of[name] for name in ("created_at", "audience") if name in of}


FORMAT: Final = Format(
    name="discourse",
    summary="A forum of Discourse: topics, posts, categories and users as its pages give them (JSON)",
    open=DiscourseReader,
    options={"site": "the address of the forum (https://...), for links to its posts"},
    keys=("discourse", "email"),
    audiences=True,
    machines=True,
    withdraws=True,
    place="category",
)
"""This format, as `sources/formats.py` finds it."""
