"""A folder of pages in Markdown or HTML: a wiki, a manual, the HTML export of a Confluence space.

- each file is a post of the kind `page`; its folders, or the space of Confluence, are its place
- title, authors, date, tags and language are those of its front matter, of its `meta` elements, or of Confluence
- where these name no author and the folder is a git work tree, the authors are those who wrote a fifth and more of the
  lines that were ever added; all others who changed it have the act `edit`
- a comment below a page of Confluence -> a post of its own, and the act `reply`; its author is an account name

The id of somebody who is named without an address is the name, which joins them with nobody. Navigation that every page
has, drafts, pictures and attached files are left out.

An export does not say who may read a page: it holds all that the person who made it could read. Folders that the option
`restricted` names are for the group `folder/NAME`.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Spot, Tree
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.known import Known
from expertfinder.sources.formats import Format
from expertfinder.sources.html import text_of
from expertfinder.sources.lines import LINE_LIMIT, as_text
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said
from expertfinder.sources.repository import Repository

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_MARKDOWN: Final = (".md", ".markdown", ".mdown", ".mkd", ".mdx")
_HTML: Final = (".html", ".htm", ".xhtml")
_ASIDE: Final = frozenset({"node_modules", "site-packages", "_build", "vendor"})
"""Names of folders with code of others, or with what a program made."""
_NAVIGATION: Final = re.compile(r"_(?:sidebar|footer|header)|(?:summary|toc)", re.IGNORECASE)
"""Names of files that stand beside every page."""
_FRONT: Final = re.compile(r"\A(---|\+\+\+)[ \t]*\r?\n(.*?)^\1[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_FIELD: Final = re.compile(r"([A-Za-z][\w-]*)\s*[:=]\s*(.*)")
_HEADING: Final = re.compile(r"\A\s*(?:#\s+(.+?)\s*#*\s*$|(\S.*)\n=+\s*$)", re.MULTILINE)
_MODIFIED: Final = re.compile(r"\b([A-Z][a-z]{2})[a-z]*\.? (\d{1,2}), (\d{4})")
_NUMBERED: Final = re.compile(r"comment-\d+")
_POSTED: Final = re.compile(r"Posted by (\S.*?) at ([A-Z][a-z]{2})[a-z]*\.? (\d{1,2}), (\d{4})(?: (\d\d:\d\d))?")
"""What Confluence writes below a comment."""
_SHARE: Final = 0.2
"""The share of the lines that were ever added to a page from which on somebody is its author, and not an editor."""
_LOOKED_AT: Final = 64_000
"""Most characters of front matter that are read: the longest that was seen has two thousand."""


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment, as Confluence exports it."""

    id: str
    who: str
    at: str
    text: str


@dataclass(slots=True)
class _Page:
    """What a file says of itself."""

    title: str = ""
    text: str = ""
    authors: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    at: str = ""
    tags: list[str] = field(default_factory=list)
    language: str = ""
    place: str = ""
    is_draft: bool = False
    is_contents: bool = False
    comments: list[_Comment] = field(default_factory=list)


@dataclass(slots=True)
class _History:
    """Who changed a file: by address the lines added, the time of the last change, and the name."""

    lines: Counter[str] = field(default_factory=Counter)
    last: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def authors(self) -> list[str]:
        """Addresses of those who added `_SHARE` of the lines or more, who added most first; of one person at least."""
        most = max(self.lines.total() * _SHARE, 1)
        found = [who for who, lines in self.lines.most_common() if lines >= most]
        return found or [who for who, _ in self.lines.most_common(1)]


class PagesReader(ExportReader):
    """Reads a folder of pages (`Reader`), an archive of one, or a single page."""

    def begin(self) -> None:
        self._site = self.options.get("site", "").rstrip("/")
        if self._site and not self._site.startswith(("https://", "http://")):
            raise SourceError("the option 'site' is an address such as https://wiki.example", field="site")
        closed = (part.strip().strip("/") for part in self.options.get("restricted", "").split(","))
        self._restricted = tuple(part for part in closed if part)
        self._seen = Known()

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        histories = self._histories()
        pages = 0
        for name in tree.names:
            *folders, file = name.split("/")
            stem, _, ending = file.rpartition(".")
            if any(part.startswith(".") for part in (*folders, file)):
                continue
            if not _ASIDE.isdisjoint(folders) or f".{ending.lower()}" not in (*_MARKDOWN, *_HTML):
                self.left_out("files that are no pages (pictures, attachments, code)")
            elif _NAVIGATION.fullmatch(stem):
                self.left_out("navigation beside every page")
            else:
                pages += 1
                with tree.open(name) as content:
                    raw = content.read(LINE_LIMIT + 1)
                given = {"name": name, "raw": raw, "history": histories.get(name)}
                yield from self.facts_of(Spot(tree.named(name)), self._facts, given)
        if not pages:
            raise SourceError("there is no page in it (.md, .html)", file=str(self.path))

    def _histories(self) -> Mapping[str, _History]:
        folder = self.path.resolve()
        if not (folder.is_dir() and any((above / ".git").exists() for above in (folder, *folder.parents))):
            return {}
        try:
            return _histories(folder)
        except SourceError as error:
            self.counts.remarks.append(f"who changed the pages is not known: {error.detail}")
            return {}

    def _facts(self, given: Raw) -> Made:
        name, raw, history = given["name"], given["raw"], given["history"]
        assert isinstance(name, str) and isinstance(raw, bytes)  # noqa: PT018
        if len(raw) > LINE_LIMIT:
            raise SourceError(f"a page is longer than {LINE_LIMIT:,} bytes")
        folder, _, file = name.rpartition("/")
        text = as_text(raw).removeprefix("\ufeff")
        page = _of_html(text) if file.lower().endswith(_HTML) else _of_markdown(text)
        if page.is_draft or page.is_contents:
            self.left_out("drafts" if page.is_draft else "tables of contents of an export")
            return
        inside = next((part for part in self._restricted if f"{name}/".startswith(f"{part}/")), "")
        audience: dict[str, object] = {"audience": {"groups": [f"folder/{inside}"]}} if inside else {}
        names: dict[str, str] = {}
        edits = dict.fromkeys(page.editors, page.at)
        authors, at = page.authors, page.at
        if isinstance(history, _History):
            authors, names = authors or history.authors, history.names
            at = at or max((history.last[who] for who in authors if who in history.last), default="")
            edits = {**history.last, **edits}
        for who in (*authors, *(editor for editor in edits if editor not in authors)):
            yield from self._person(who, names.get(who, ""), audience)
        yield (
            "post",
            {
                "id": name,
                "authors": authors,
                "kind": "page",
                "title": page.title or re.sub(r"[-_]+", " ", file.rpartition(".")[0]).strip(),
                "text": page.text,
                "created_at": at,
                "tags": page.tags,
                "language": page.language,
                "community": page.place or folder,
                "url": f"{self._site}/{name}" if self._site else "",
                **audience,
            },
        )
        for who, when in edits.items():
            if who not in authors:
                act = {"id": f"edit/{name}/{who}", "actor": who, "verb": "edit", "object": name, "created_at": when}
                yield "interaction", {**act, **audience}
        for comment in page.comments:
            yield from self._comment(comment, name, {"community": page.place or folder, **audience})

    def _comment(self, comment: _Comment, page: str, place: Mapping[str, object]) -> Made:
        id, who, audience = (
            f"{page}/{comment.id}",
            comment.who,
            {name: place[name] for name in place.keys() & {"audience"}},
        )
        if who:
            yield from self._person(who, "", audience)
        told = {"id": id, "kind": "comment", "authors": [who] if who else [], "text": comment.text, "parent": page}
        yield "post", {**told, "created_at": comment.at, **place}
        if who:
            act = {"id": f"reply/{id}", "actor": who, "verb": "reply", "object": page, "created_at": comment.at}
            yield "interaction", {**act, **audience}

    def _person(self, who: str, name: str, place: Mapping[str, object]) -> Made:
        audience = self._seen.audience(who, place)
        if audience is not None:
            email = who if "@" in who else ""
            yield "person", {"id": who, "name": name or who, "email": email, **audience}


def _of_markdown(text: str) -> _Page:
    page = _Page()
    front = _FRONT.match(text[:_LOOKED_AT])
    about = _front_matter(front[2]) if front else {}
    body = text[front.end() :] if front else text
    heading = _HEADING.match(body)

    def values(*names: str) -> list[str]:
        return next((about[name] for name in names if about.get(name)), [])

    def value(*names: str) -> str:
        return next(iter(values(*names)), "")

    page.title = value("title") or (heading[1] or heading[2] if heading else "")
    page.text = body.strip()
    page.authors = _people(values("authors", "author", "owner", "created_by"))
    page.editors = _people(values("last_modified_by", "updated_by", "editor"))
    page.at = value("lastmod", "last_modified", "updated", "modified", "date", "created")
    labels = (label for name in ("tags", "categories", "keywords", "labels") for label in about.get(name, ()))
    page.tags = list(dict.fromkeys(labels))
    page.language = value("lang", "language")
    page.is_draft = value("draft").lower() == "true" or value("published").lower() == "false"
    return page


def _front_matter(text: str) -> dict[str, list[str]]:
    """The fields of front matter: a value, a list in brackets, or lines with dashes. No other YAML or TOML is read."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        plain = line.strip()
        if plain.startswith("- ") and name:
            item = plain[2:].strip()
            inner = _FIELD.fullmatch(item)
            found[name].append(_unquoted(inner[2] if inner and inner[1] in ("name", "email") else item))
        elif (at := _FIELD.fullmatch(line)) is not None:
            name, said = at[1].lower().replace("-", "_"), at[2].strip()
            parts = said[1:-1].split(",") if said[:1] == "[" and said[-1:] == "]" else [said]
            if name in ("tags", "keywords", "categories") and len(parts) == 1:
                parts = parts[0].split(",")
            found[name] = [value for part in parts if (value := _unquoted(part))]
    return {name: [value for value in values if value] for name, values in found.items()}


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _people(names: list[str]) -> list[str]:
    """Names and addresses; of `Ann <ann@x.example>` the address."""
    return list(
        dict.fromkeys(found[1] if (found := re.search(r"<([^<>\s]+@[^<>\s]+)>", name)) else name for name in names)
    )


def _of_html(text: str) -> _Page:
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415  (a question loads none)

    tree = LexborHTMLParser(text)
    page = _Page()

    def words(selector: str) -> str:
        found = tree.css_first(selector)
        return " ".join((found.text() or "").split()) if found is not None else ""

    def meta(name: str) -> str:
        found = tree.css_first(f'meta[name="{name}"]')
        return (found.attributes.get("content") or "").strip() if found is not None else ""

    heading = words("#title-text") or words("title") or words("h1")
    about = words(".page-metadata")
    space, mark, rest = heading.partition(" : ")
    page.title = rest if mark and about else heading
    page.place = words("#breadcrumbs a") or (space if mark else "") if about else ""
    page.authors = [name for name in [words(".page-metadata .author") or meta("author")] if name]
    page.editors = [name for name in [words(".page-metadata .editor")] if name]
    dates = _MODIFIED.findall(about)
    page.at = _day(*dates[-1]) if dates else meta("date")
    page.tags = [tag for part in meta("keywords").split(",") if (tag := part.strip())]
    root = tree.css_first("html")
    page.language = (root.attributes.get("lang") or "").strip() if root is not None else ""
    main = next(
        (found for name in ("#main-content", "main", "article", "body") if (found := tree.css_first(name))), None
    )
    page.text = text_of(main.html or "") if main is not None else ""
    page.comments = [said for each in tree.css('a[name^="comment-"]') if (said := _of_comment(each)) is not None]
    page.is_contents = not about and tree.css_first("#main-content .pageSection") is not None
    return page


def _of_comment(anchor: LexborNode) -> _Comment | None:
    """The comment that follows an anchor; `None` for an anchor within a page."""
    cell, id = anchor.parent, anchor.attributes.get("name") or ""
    above = cell
    while above is not None and "pageSection" not in (above.attributes.get("class") or "").split():
        above = above.parent
    heading = above.css_first("h2#comments") if above is not None else None
    if cell is None or heading is None or not _NUMBERED.fullmatch(id):
        return None
    *lines, last = text_of(cell.html or "").split("\n")
    posted = _POSTED.fullmatch(last)
    if posted is None:
        lines, who, at = [*lines, last], "", ""
    else:
        who, day = posted[1], _day(posted[2], posted[3], posted[4])
        at = f"{day}T{posted[5]}" if day and posted[5] else day
    return _Comment(id, who, at, "\n".join(lines).strip())


def _day(month: str, day: str, year: str) -> str:
    """The day of Confluence's `Jan 04, 2017`; empty for a month that is none."""
    try:
        return datetime.strptime(f"{year} {month} {day}", "%Y %b %d").date().isoformat()  # noqa: DTZ007 - a day
    except ValueError:
        return ""


def _histories(folder: Path) -> dict[str, _History]:
    """Who changed each file of a git work tree, by its path below the folder. Raises `SourceError`."""
    repository = Repository(folder)
    nonce = secrets.token_hex(16)
    shape = "--format=" + "%x00".join(("", nonce, "%aN", "%aE", "%aI", ""))
    said = repository.ask("log", "--numstat", "-z", "-M", "--relative", "--no-merges", shape, "HEAD", "--", ".")
    found: dict[str, _History] = defaultdict(_History)
    later: dict[str, str] = {}
    fields = iter(said.split("\0"))
    name = email = at = ""
    for each in fields:
        if each == nonce:
            name, email, at = next(fields, ""), next(fields, "").lower(), next(fields, "")
            continue
        added, _, rest = each.lstrip("\n").partition("\t")
        path = rest.partition("\t")[2]
        if not (added.isdecimal() or added == "-") or not rest:
            continue
        if not path:  # renamed: the name before, the name after
            before, path = next(fields, ""), next(fields, "")
            later[before] = later.get(path, path)
        history = found[later.get(path, path)]
        if email:
            history.lines[email] += int(added) if added.isdecimal() else 0
            history.last.setdefault(email, at)
            history.names.setdefault(email, name)
    return found


FORMAT: Final = Format(
    name="pages",
    summary="A folder of pages in Markdown or HTML: a wiki, a manual, the HTML export of a Confluence space",
    open=PagesReader,
    options={
        "site": "the address below which the pages stand (https://...), for links to them",
        "restricted": "folders that not everybody may read, with commas: each is a group folder/NAME",
    },
    keys=("email",),
    place="folder or space",
)
"""This format, as `sources/formats.py` finds it."""
