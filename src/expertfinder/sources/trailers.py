"""Whom the message of a commit names: co-authors, and people who reviewed, approved or passed on the change.

A line names people where it is nothing but a role and contacts: `Co-authored-by: Ann <ann@firm.example>`. Such lines
count anywhere in the message, because a squashed commit has them in the middle. They are taken out of the text, because
a name and an address say nothing of the subject. In a block of trailers words may follow the contact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from expertfinder.sources.cleaning import many_lines, one_line

AUTHOR: Final = "author"
"""The role of an author of the commit; any other role is a verb of the vocabulary, or empty."""
_WRITTEN: Final = """
    co authored, coauthored, co author, co authors, coauthor, coauthors, co developed, codeveloped, co written,
    cowritten, co implemented, pair, paired with, pairing with, pair with, pair programmed with, mob programmed
    with, mobbed with, also, author, authors, authored, originally, originally authored, originally written,
    original author, original patch, original implementation, original work, initial patch, initial
    implementation, initial work, written, written with, written together with, coded, designed, developed,
    implemented, translated, ported, fixed, patch, patched, patch from, contributed, submitted, based on patch,
    based on a patch, based on work, based on the work of, in collaboration with, together with, mit autor,
    mitautor, mitautorin, ko autor, koautor, koautorin, autor, autorin, geschrieben von, gemeinsam mit, zusammen
    mit, co auteur, coauteur, co autrice, coautrice, auteur, autrice, co écrit par, coécrit par, écrit par, co
    autor, coautor, co autora, coautora, autora, escrito por, co escrito por, escrito con, co autore, coautore,
    autore, scritto da, scritto con, mede auteur, medeauteur, geschreven door, samen met, współautor,
    współautorka, medförfattare, medforfatter, spoluautor, ortak yazar, соавтор, соавторы, автор, співавтор, 共著者,
    共同作者, 合著者, 共同著者, 作者, 作成者, 공동 작성자, 공동 저자, 작성자
"""
"""Words that say that somebody wrote the change, in several languages."""
_ROLES: Final = {
    **dict.fromkeys((" ".join(words.split()) for words in _WRITTEN.split(",")), AUTHOR),
    **dict.fromkeys(("reviewed", "reviewer", "reviewers", "tested", "verified", "checked", "code review"), "review"),
    **dict.fromkeys(("acked", "approved", "approver", "okayed", "ratified"), "approve"),
    **dict.fromkeys(("signed off", "merged", "committed", "pushed", "applied", "landed"), "merge"),
    **dict.fromkeys(("reported", "suggested", "requested", "found", "spotted", "helped", "diagnosed", "cc"), ""),
}
"""Words of a trailer, without `-by` and in small letters -> the role of the person it names. The role is empty for
somebody who reported or suggested something, because they did nothing to the change."""
_RANK: Final = (AUTHOR, "review", "approve", "merge", "")
"""Of several roles in one (`Reported-and-tested-by`) the first of these counts."""
LINES_KEPT = 1 << 13
"""How many lines are remembered with their reading: the same few people sign most of a history."""
_BEFORE = r"[ \t]*(?:(?:[^\w\s\"'“#(<>\[\\|]{1,3}|\d{1,2}[.)])[ \t]+|<!--[ \t]*)?[`*_\"“]{0,2}"
"""What may stand before a role: the sign or number of a list, a picture, marks of bold type or of code."""
_WORDS = r"([^\W\d_](?:[^\W\d_]|[ _-]){0,40}?)"
_LINE = re.compile(_BEFORE + _WORDS + r"[ \t]*:[`*_]{0,2}[ \t]*(\S.*?)[ \t]*[`*_\"”]{0,2}[ \t]*(?:-->|\\)?[ \t]*")
"""A line of a role and contacts, perhaps in a list, in bold, as code or in a comment."""
_UNMARKED = re.compile(
    _BEFORE
    + r"([A-Za-z][A-Za-z -]{1,40}?[ \t-](?:by|with|from))[ \t]+([^<>:@]{0,60}<[^<>\s]+@[^<>\s]+>)[ \t]*[.,;]?[ \t]*"
)
"""The same without a colon, where the line is nothing else: `Patch by Ann <ann@firm.example>.`"""
_HEAD = re.compile(_BEFORE + _WORDS + r"[ \t]*:[`*_]{0,2}[ \t]*")
"""A role above a list of contacts."""
_CHANGELOG = re.compile(r"[ \t]*\d{4}-\d\d-\d\d[ \t]+([^<>@:]{1,80}<[^<>\s]+@[^<>\s]+>)[ \t]*")
"""The head of an entry in a ChangeLog as GNU has it: the day and who wrote it."""
_ONE_OF_LIST = re.compile(r"[ \t]*(?:[-*+•][ \t]+)?([^<>@:]{0,80}<[^<>\s]+@[^<>\s]+>)[ \t]*[,;]?[ \t]*")
_INLINE = re.compile(r"[ \t]*[(\[][ \t]*(co-?authored[- ]by:[^<>()\[\]:]*<[^<>\s]+>)[ \t]*[)\]]", re.IGNORECASE)
"""A co-author in brackets at the end of a line of words, as some programs write when they squash."""
_ENDING = re.compile(
    r"(?:(?<![`\"'“\w-])co-?authored-by:[^<>:`\"]{0,80}<[^<>\s]+@[^<>\s]+>[ \t]*[.,;]?[ \t]*){1,20}$", re.IGNORECASE
)
"""Co-authors at the end of a line of words, or several of them on one line."""
_NEXT = re.compile(r"(?=co-?authored[- ]by:)", re.IGNORECASE)
_LINE_FEEDS = re.compile(r"(?:\\r)?\\n(?:(?:\\r)?\\n)*[ \t]*(?=co-?authored-by:)", re.IGNORECASE)
"""Line feeds before a co-author that a shell wrote as two characters."""
_CONTACT = re.compile(r"[ \t]*([^<>,;]*?)[ \t]*<+[ \t]*([^<>\s]*)[ \t]*(?:>+|$)")
_SURNAME_FIRST = re.compile(r"[ \t]*([^<>,;@]+,[^<>,;@]*?)[ \t]*<+[ \t]*([^<>\s]+@[^<>\s]+)[ \t]*>+")
"""A contact as directories of firms write it: `Lind, Noor <noor@firm.example>`."""
_BARE = re.compile(r"[ \t]*([^<>@()]*?)[ \t]*\(?[ \t]*([^\s<>()@,;]+@[^\s<>()@,;]+)[ \t]*\)?")
_BETWEEN = re.compile(
    r"[ \t]*(?:[,;&+/]|\b(?:and|und|et|y|e|en|och|og|i|и)\b)[ \t]*|[ \t]+(?=(?:[A-Z][^\s:<>]*[ \t]+){1,4}<)"
)
_AFTER = re.compile(r"[ \t]*(?:#.*|\(.*\)|\[.*\]|[-–—][ \t].*|[.,;])?[ \t]*")
"""What may follow the contacts on such a line: a remark in brackets, behind a hash or a dash."""
MOST_LETTERS = 42
"""Letters of a trailer's name, and its colon, at most: `Co-developed-and-tested-by` has 26."""
_TRAILER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]+\S")
_FOLD = re.compile(r"[ \t]*\n[ \t]+(?=<[^<>\s]+@[^<>\s]+>[ \t]*(?:\n|$))")
"""Where mail programs fold a long line, so that an address stands below its name."""
_QUOTED = re.compile(r"(?:commit|Merge:|index) [0-9a-f]{7,}", re.IGNORECASE)
"""The line above `Author:` where a message quotes another commit, such as one that it corrects."""
_SQUASHED = re.compile(r"^Squashed commit of the following:", re.MULTILINE)
"""How `git merge --squash` begins the list of commits that became one: the authors of these wrote it."""
_FROM = re.compile(r"From:[ \t]*(?=[^<>]*<[^<>\s]+@)")
_PATCH = re.compile(r"From [0-9a-f]{40} ")
"""The first line of a patch as mail (`git format-patch`)."""
_HEADER = re.compile(r"(?:To|Cc|Sent|Date|Subject|Message-ID):", re.IGNORECASE)
"""What follows `From:` in a mail that a message quotes."""
_TYPED: Final = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "：": ":", "\u2010": "-", "\u2011": "-", "\u2013": "-"}
)
"""Blanks, colons and hyphens that other keyboards and programs have in the place of those of ASCII."""
_MARKUP = re.compile(r"<br[ \t]*/?>|\[([^\]\s]+@[^\]\s]+)\]\(mailto:[^)\s]*\)|mailto:|(&lt;)|(&gt;)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody whom a message names, and what they did."""

    role: str
    """`AUTHOR`, a verb of the vocabulary, or empty."""
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Message:
    """What a message says, and whom it names."""

    title: str
    body: str
    contacts: tuple[Contact, ...]
    nameless: int = 0
    """Lines that name somebody without an address: nobody can be found by them."""


def read_message(message: str) -> Message:
    """The title, the body without the lines that name somebody, and these people in order."""
    text = many_lines(message).strip()
    if "\\n" in text:
        text = _LINE_FEEDS.sub("\n\n", text)
    first, *paragraphs = [part for part in re.split(r"\n[ \t]*\n", text) if part.strip()] or [""]
    title, *under = first.split("\n")
    blocks = len(paragraphs)
    while blocks and _is_block(paragraphs[blocks - 1]):
        blocks -= 1
    reading = _Reading(squashed=_SQUASHED.search(text) is not None)
    title = reading.ending(title)
    body: list[str] = []
    for number, paragraph in enumerate(["\n".join(under), *paragraphs], start=-1):
        block = number >= blocks
        kept, named = reading.paragraph(paragraph, block=block)
        if kept and not (block and named):
            body.append("\n".join(kept))
    known = tuple(contact for contact in reading.contacts if contact.role)
    if under:
        # The lines right under the title are a part of it (`git log` shows them so), but for those that name somebody.
        title = " ".join((title, body.pop(0))) if body and under and body[0].split("\n")[0] in under else title
    return Message(one_line(title), "\n\n".join(body).strip(), known, reading.nameless)


@dataclass(slots=True)
class _Reading:
    """The people of a message, met line by line."""

    squashed: bool
    contacts: list[Contact] = field(default_factory=list)
    nameless: int = 0
    last: str = ""
    """The last line of the paragraph before."""
    below: str | None = None
    """The role of contacts that may follow, a line each."""

    def paragraph(self, text: str, *, block: bool) -> tuple[list[str], int]:
        """The lines that name nobody, and how many name somebody. `block`: there are only trailers."""
        kept: list[str] = []
        named = 0
        lines = (_FOLD.sub(" ", text) if "\n " in text or "\n\t" in text else text).splitlines()
        for place, line in enumerate(lines):
            if "@" not in line and not _may_name(line):  # most lines of prose
                self.below = None
                kept.append(line)
                continue
            around = (lines[place - 1] if place else self.last, lines[place + 1] if place + 1 < len(lines) else "")
            left, found = self._line(line, around, block=block)
            if left.strip() or not found:
                kept.append(left)
            named += found
        self.last = lines[-1] if lines else self.last
        return kept, named

    def ending(self, line: str) -> str:
        """A line without the co-authors who stand at its end."""
        if "<" not in line or line.lstrip().startswith(">"):
            return line
        said = [found[0] for pattern in (_INLINE, _ENDING) for found in pattern.finditer(line)]
        for piece in (piece for one in said for piece in _NEXT.split(one)):
            self.contacts += _named(piece.strip(" \t()[].,;"), loosely=False) or ()
        return _ENDING.sub("", _INLINE.sub("", line)).rstrip() if said else line

    def _line(self, line: str, around: tuple[str, str], *, block: bool) -> tuple[str, bool]:
        """What a line says beside whom it names, and whether it names somebody. `around`: the lines above and below."""
        role, self.below = self.below, None
        above, after = around
        if role is not None and (one := _ONE_OF_LIST.fullmatch(line)):
            self.contacts += _as_contacts(role, one[1])
            self.below = role
            return "", True
        said = line
        if line.startswith("From:") and _is_author(line, above, after):
            said = _FROM.sub("Author: ", line, count=1)
        found = _named(said, loosely=block)
        if found is None and "@" in after and (head := _HEAD.fullmatch(line.translate(_TYPED))):
            self.below = _role(head[1])
            return ("", True) if self.below is not None else (line, False)
        if found is not None and not self.squashed and _says_author(line) and _QUOTED.match(above.strip()):
            found = None
        if found is not None and line.lstrip()[:1].isdigit() and _CHANGELOG.fullmatch(line):
            self.below = AUTHOR
        if found is None or (line.count(":") > 1 and line.lower().count("authored-by:") > 1):
            left = self.ending(line)
            if left != line:
                return left, not left.strip()
        if found is None:
            return line, False
        self.contacts += found
        self.nameless += not found
        return "", True


def _may_name(line: str) -> bool:
    """A quick look at a line without an address, which names somebody only where an author or several are called so."""
    return "<" in line or line.endswith(":") or (":" in line and "author" in line.lower())


def _is_author(line: str, above: str, after: str) -> bool:
    """Whether `From:` tells who wrote the change: first of all in the text, or in the head of a patch."""
    if _FROM.match(line) is None:
        return False
    return _PATCH.match(above) is not None or (not above and _HEADER.match(after) is None)


def _says_author(line: str) -> bool:
    return line.lstrip().startswith("Author:")


def _is_block(paragraph: str) -> bool:
    """Whether a paragraph is nothing but trailers; a squashed commit ends in several of them."""
    return all(map(_in_trailers, paragraph.splitlines()))


@lru_cache(maxsize=LINES_KEPT)
def _named(line: str, *, loosely: bool) -> tuple[Contact, ...] | None:
    """Whom a line names, `None` where it is no line of people. `loosely`: words may follow the contact."""
    if dated := _CHANGELOG.fullmatch(line):
        return tuple(_as_contacts(AUTHOR, dated[1]))
    plain = _MARKUP.sub(_without_markup, line.translate(_TYPED))
    found = _LINE.fullmatch(plain)
    role = _role(found[1]) if found else None
    if found is None or role is None:
        found = _UNMARKED.fullmatch(plain)
        role = _role(found[1]) if found else None
    if found is None or role is None:
        return None
    contacts, rest = _contacts(found[2])
    if not contacts:
        return () if role == AUTHOR and "author" in found[1].lower() and _is_name(found[2]) else None
    if not (loosely or _AFTER.fullmatch(rest)):
        return None
    return tuple(Contact(role, one_line(name), one_line(email)) for name, email in contacts)


def _without_markup(found: re.Match[str]) -> str:
    return found[1] or ("<" if found[2] else ">" if found[3] else "")


def _as_contacts(role: str, text: str) -> list[Contact]:
    return [Contact(role, one_line(name), one_line(email)) for name, email in _contacts(text)[0]]


def _role(words: str) -> str | None:
    plain = " ".join(re.split(r"[ _-]+", words.lower()))
    words_said = (plain, *plain.removesuffix(" by").split(" and "))
    known = [role for word in words_said if (role := _ROLES.get(word)) is not None]
    return min(known, key=_RANK.index, default=None)


def _contacts(text: str) -> tuple[list[tuple[str, str]], str]:
    """The contacts at the beginning of a text, and what follows them."""
    found: list[tuple[str, str]] = []
    at = 0
    while match := _CONTACT.match(text, at) or _SURNAME_FIRST.match(text, at) or _BARE.match(text, at):
        found.append((match[1].strip(" \t\"'"), match[2]))
        at = match.end()
        between = _BETWEEN.match(text, at)
        if between is None:
            break
        at = between.end()
    return found, text[at:]


def _is_name(text: str) -> bool:
    """Whether a text without an address is somebody's name rather than prose."""
    words = text.split()
    return 1 < len(words) <= 4 and all(word[0].isupper() for word in words)


def _in_trailers(line: str) -> bool:
    # Continued lines, the notes in brackets that those who pass a change on leave, and the mark of `cherry-pick -x`.
    if line.startswith((" ", "\t", "[", "(cherry picked from")):
        return True
    return line.find(":", 2, MOST_LETTERS) > 0 and _TRAILER.match(line) is not None
