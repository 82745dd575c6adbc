"""Whom the message of a commit names: co-authors, and people who reviewed, approved or passed on the change.

A line names people where it is nothing but a role and contacts: `Co-authored-by: Ann <ann@firm.example>`. Such lines
count anywhere in the message, because a squashed commit has them in the middle. They are taken out of the text, because
a name and an address say nothing of the subject. In a block of trailers words may follow the contact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from expertfinder.sources.cleaning import many_lines, one_line

AUTHOR: Final = "author"
"""The role of an author of the commit; any other role is a verb of the vocabulary, or empty."""
_WRITTEN: Final = (
    *(
        "co authored",
        "coauthored",
        "co author",
        "co authors",
        "coauthor",
        "co developed",
        "codeveloped",
        "pair",
        "paired with",
        "pairing with",
        "pair with",
        "mob programmed with",
        "mobbed with",
        "co written",
    ),
    *(
        "pair programmed with",
        "also",
        "author",
        "authors",
        "authored",
        "original author",
        "original patch",
        "originally",
    ),
    *(
        "originally authored",
        "originally written",
        "written",
        "patch",
        "patched",
        "contributed",
        "submitted",
        "based on patch",
    ),
    *("based on a patch", "initial patch", "in collaboration with", "mit autor", "koautor", "coautor", "co auteur"),
)
_ROLES: Final = {
    **dict.fromkeys(_WRITTEN, AUTHOR),
    **dict.fromkeys(("reviewed", "reviewer", "reviewers", "tested", "verified", "checked", "code review"), "review"),
    **dict.fromkeys(
        ("reported and tested", "reviewed and tested", "tested and reviewed", "tested and reported"), "review"
    ),
    **dict.fromkeys(("acked", "approved", "approver", "okayed", "ratified"), "approve"),
    **dict.fromkeys(("signed off", "merged", "committed", "pushed", "applied", "landed"), "merge"),
    **dict.fromkeys(("reported", "suggested", "requested", "found", "spotted", "helped", "diagnosed", "cc"), ""),
}
"""Words of a trailer, without `-by` and in small letters -> the role of the person it names. The role is empty for
somebody who reported or suggested something, because they did nothing to the change."""
LINES_KEPT = 1 << 13
"""How many lines are remembered with their reading: the same few people sign most of a history."""
_LINE = re.compile(
    r"[ \t]*(?:[*+-][ \t]+|<!--[ \t]*)?[`*_]{0,2}([A-Za-z][A-Za-z _-]{1,40}?)[ \t]*:[`*_]{0,2}[ \t]*(\S.*?)"
    r"[ \t]*[`*_]{0,2}[ \t]*(?:-->)?[ \t]*"
)
"""A line of a role and contacts, perhaps in a list, in bold, as code or in a comment."""
_INLINE = re.compile(r"[ \t]*[(\[][ \t]*(co-?authored[- ]by:[^<>()\[\]:]*<[^<>\s]+>)[ \t]*[)\]]", re.IGNORECASE)
"""A co-author in brackets at the end of a line of words, as some programs write when they squash."""
_CONTACT = re.compile(r"[ \t]*([^<>,;]*?)[ \t]*<[ \t]*([^<>\s]*)[ \t]*>")
_BARE = re.compile(r"[ \t]*([^<>@()]*?)[ \t]*\(?[ \t]*([^\s<>()@,;]+@[^\s<>()@,;]+)[ \t]*\)?")
_BETWEEN = re.compile(r"[ \t]*(?:[,;&]|\band\b|\bund\b|\bet\b)[ \t]*")
_AFTER = re.compile(r"[ \t]*(?:#.*|\(.*\)|\[.*\]|[.,;])?[ \t]*")
"""What may follow the contacts on such a line: a remark in brackets or behind a hash."""
_TRAILER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]+\S.*")
_QUOTED = re.compile(r"(?:commit|Merge:|index) [0-9a-f]{7,}", re.IGNORECASE)
"""The line above `Author:` where a message quotes another commit, such as one that it corrects."""
_SQUASHED = re.compile(r"^Squashed commit of the following:", re.MULTILINE)
"""How `git merge --squash` begins the list of commits that became one: the authors of these wrote it."""


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
    first, *paragraphs = [part for part in re.split(r"\n[ \t]*\n", text) if part.strip()] or [""]
    title, *under = first.split("\n")
    blocks = len(paragraphs)
    while blocks and _is_block(paragraphs[blocks - 1]):
        blocks -= 1
    squashed = _SQUASHED.search(text) is not None
    contacts: list[Contact] = []
    body: list[str] = []
    nameless = 0
    above = ""
    for number, paragraph in enumerate(["\n".join(under), *paragraphs], start=-1):
        block = number >= blocks
        kept = []
        named = 0
        for line in paragraph.splitlines():
            found = _named(line, loosely=block) if ":" in line else None
            if found is not None and not squashed and line.lstrip().startswith("Author:") and _QUOTED.match(above):
                found = None
            above = line.strip() or above
            if found is None and "<" in line and _INLINE.search(line):
                for inline in _INLINE.findall(line):
                    contacts += _named(inline, loosely=False) or ()
                line = _INLINE.sub("", line)
            if found is None:
                kept.append(line)
            else:
                contacts += found
                named += 1
                nameless += not found
        if kept and not (block and named):
            body.append("\n".join(kept))
    known = tuple(contact for contact in contacts if contact.role)
    if under:
        # The lines right under the title are a part of it (`git log` shows them so), but for those that name somebody.
        title = " ".join((title, body.pop(0))) if body and under and body[0].split("\n")[0] in under else title
    return Message(one_line(title), "\n\n".join(body).strip(), known, nameless)


def _is_block(paragraph: str) -> bool:
    """Whether a paragraph is nothing but trailers; a squashed commit ends in several of them."""
    return all(_in_trailers(line) for line in paragraph.splitlines())


@lru_cache(maxsize=LINES_KEPT)
def _named(line: str, *, loosely: bool) -> tuple[Contact, ...] | None:
    """Whom a line names, `None` where it is no line of people. `loosely`: words may follow the contact."""
    found = _LINE.fullmatch(line)
    role = _role(found[1]) if found else None
    if found is None or role is None:
        return None
    contacts, rest = _contacts(found[2])
    if not contacts:
        return () if role == AUTHOR and "author" in found[1].lower() and _is_name(found[2]) else None
    if not (loosely or _AFTER.fullmatch(rest)):
        return None
    return tuple(Contact(role, one_line(name), one_line(email)) for name, email in contacts)


def _role(words: str) -> str | None:
    plain = " ".join(re.split(r"[ _-]+", words.lower()))
    return _ROLES.get(plain.removesuffix(" by"))


def _contacts(text: str) -> tuple[list[tuple[str, str]], str]:
    """The contacts at the beginning of a text, and what follows them."""
    found: list[tuple[str, str]] = []
    at = 0
    while match := _CONTACT.match(text, at) or _BARE.match(text, at):
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


@lru_cache(maxsize=LINES_KEPT)
def _in_trailers(line: str) -> bool:
    # Continued lines, the notes in brackets that those who pass a change on leave, and the mark of `cherry-pick -x`.
    return line.startswith((" ", "\t", "[", "(cherry picked from")) or _TRAILER.fullmatch(line) is not None
