"""Mailing lists as mail: an mbox file (RFC 4155), or a folder of them; `maildir.py` reads folders with a file a mail.

- Only what went over a list is read: mails with `List-Id`, `List-Post`, `X-BeenThere` or `Mailing-List`. An archive
  that a list's program wrote (Pipermail, Hypermail) has no such line, and `--list NAME` says which list it is of. A
  mailbox in which no mail is a list's is somebody's own, and refused; `--mailbox ADDRESS` names whose it is and that it
  may be read: each mail is then for those who are named in it alone.
- A mail is a post by its `Message-ID`, a reply to the one in `In-Reply-To`, else the last of `References`.
- The text is the part `text/plain`, else the HTML in words. Quotations and signatures stay, and are nobody's own words
  (`index/posts/own_words.py`).
- Authors are addresses (`ann at firm.example` of Pipermail, too). Anybody may write any address into a mail, so the
  source answers for no key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Spot, Tree
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.formats import Format
from expertfinder.sources.html import text_of
from expertfinder.sources.lines import as_text
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said

Heads = Mapping[str, list[str]]
"""Name of a head in small letters -> its values, one for each time it is in the mail."""
MAIL_LIMIT: Final = 40_000_000
"""Bytes of one mail: servers take 25 to 35 MB with everything that hangs on it."""
_BLOCK: Final = 1 << 20
"""Bytes of a mailbox that are read at once: a megabyte, in which most mails are whole (not measured)."""
_BEGINS: Final = re.compile(
    rb"(?:\A|\n)(?=From [^\n]{3,200}\d\d:\d\d[^\n]{0,40}\d{4}[^\n]{0,40}\n[A-Za-z][A-Za-z0-9-]*:)"
)
"""Where a mail begins: a line `From `, an address and a time, then a head. The empty line before it is often lost."""
_LONGEST_BEGIN: Final = 1000
"""Most bytes of the line `From ` and the beginning of the head after it: 300 for the line, and names are short."""
_HEADS_END: Final = re.compile(rb"\r?\n\r?\n")
_STRUCTURED: Final = re.compile(
    rb"^content-(?:type:\s*(?!text/plain\b)|transfer-encoding:\s*(?![78]bit\b|binary\b)|disposition:)",
    re.IGNORECASE | re.MULTILINE,
)
"""Heads of a mail that is more than one plain text, as it is written."""
_ESCAPED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
_LISTS: Final = ("List-Id", "X-List-Id", "X-BeenThere", "List-Post", "X-Mailing-List", "Mailing-List")
_ID: Final = re.compile(r"<([^<>\s]+)>")
_LIST_ID: Final = re.compile(r"<([^<>\s]+)>\s*$|mailto:([^>?\s]+)|(?:list )?([^\s;<>]+@[^\s;<>]+)")
_HIDDEN: Final = re.compile(r"([\w.+-]+)\s+(?:at|@)\s+([\w-]+(?:\.[\w-]+)+)")
"""How Pipermail writes an address so that no robot collects it."""
_ADDRESS: Final = re.compile(r"[^@\s<>()\",;:]+@[^@\s<>()\",;:]+")
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_VIA: Final = re.compile(r"\s+via\s+.*$|\s*\(via .*\)$", re.IGNORECASE)
_NOT_BY_A_PERSON: Final = frozenset({"auto-generated", "auto-replied", "auto-notified"})


class MboxReader(ExportReader):
    """Reads mailing lists (`Reader`)."""

    what = "an mbox file begins with a line 'From ', an address and a time"

    def begin(self) -> None:
        """Forget an earlier reading."""
        self._names: dict[str, str] = {}
        self._lists: set[str] = set()
        self._own = self._read = 0
        self._list = self.options.get("list", "").strip()
        self._mailbox = self.options.get("mailbox", "").strip().lower()
        if self._mailbox and not _ADDRESS.fullmatch(self._mailbox):
            raise SourceError("'mailbox' is the address whose mailbox it is", field="mailbox")
        if self._list and self._mailbox:
            raise SourceError("a file is a list's archive or somebody's mailbox, not both", field="mailbox")

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Every mail, after the record of its author where the author is new or has another name.

        Raises `SourceError` where there is no mail, and where none went over a list (unless `--mailbox` is given).
        """
        for name in self.files_of(tree):
            for spot, raw in self.mails_of(tree, name):
                yield from self.facts_of(spot, self._mail, {"raw": raw})
        if not self._read and not self._own:
            raise SourceError(f"there is no mail in it: {self.what}", file=str(self.path))
        if self._own and not self._read:
            raise SourceError(
                f"none of its {self._own:,} mails went over a list: is it somebody's own mailbox? If it is the archive "
                "of a list, say which with --list NAME; if it is a mailbox that may be read, say whose with --mailbox "
                "ADDRESS",
                file=str(self.path),
                field="list",
            )

    # --- mails ---------------------------------------------------------------------------------------------------

    def files_of(self, tree: Tree) -> list[str]:
        """The files with mails."""
        found = []
        for name in tree.names:
            with tree.open(name) as file:
                is_one = file.read(5) == b"From "
            if is_one:
                found.append(name)
            else:
                self.left_out("files that are no mbox")
        return found

    def mails_of(self, tree: Tree, name: str) -> Iterator[tuple[Spot, bytes]]:
        """Each mail of a file with the line on which it begins. Raises `SourceError` for a mail over `MAIL_LIMIT`."""
        with tree.open(name) as file:
            rest, line, file_name = b"", 1, tree.named(name)
            begun, searched = False, 0
            while block := file.read(_BLOCK):
                rest += block
                found = [each.end() for each in _BEGINS.finditer(rest, searched)]
                starts = sorted({*found, *((0,) if begun else ())})
                # The last mail of the block goes on in the next one.
                at = 0
                for start, end in pairwise(starts):
                    line += rest.count(b"\n", at, start)
                    at = start
                    yield Spot(file_name, line=line), rest[start:end]
                if starts:
                    line += rest.count(b"\n", at, starts[-1])
                    rest, begun = rest[starts[-1] :], True
                # The beginning of a mail may be cut by the end of the block; all before it was searched.
                searched = max(0, len(rest) - _LONGEST_BEGIN)
                if len(rest) > MAIL_LIMIT:
                    raise SourceError(f"a mail is longer than {MAIL_LIMIT:,} bytes", file=file_name, line=line)
            if begun:
                yield Spot(file_name, line=line), rest

    def _mail(self, record: Raw) -> Made:
        raw = record["raw"]
        assert isinstance(raw, bytes)
        envelope, _, rest = raw.partition(b"\n") if raw.startswith(b"From ") else (b"", b"", raw)
        end = _HEADS_END.search(rest)
        head, body = (rest[: end.start()], rest[end.end() :]) if end is not None else (rest, b"")
        simple = _STRUCTURED.search(head) is None  # a body that is one plain text: the library need not go through it
        mail = message_from_bytes(head if simple else rest, policy=policy.compat32)
        heads = _heads(mail)
        place, title = self._place(heads)
        if not place and not self._mailbox:
            self._own += 1
            self.left_out("mails that went over no list, which are somebody's own")
            return
        self._read += 1
        if _head(heads, "Auto-Submitted").lower() in _NOT_BY_A_PERSON:
            self.left_out("mails that a program sent by itself")
            return
        name, author = self._author(heads, place)
        # No record is made of people whom somebody's own mailbox names: their records come from elsewhere.
        if author and place and self._names.get(author) != name:
            self._names[author] = name
            yield "person", {"id": author, "name": name, "email": author, "accounts": []}
        if not author:
            self.counts.notes["mails whose author's address cannot be read: they are nobody's"] += 1
        if place and place not in self._lists:
            self._lists.add(place)
            yield "community", {"id": place, "name": title or place}
        text, attached = (_plain(mail, body), 0) if simple else _text(mail)
        self.left_out("files that hang on mails, which are not read", attached)
        subject = " ".join(_head(heads, "Subject").split())
        at = _when(heads, envelope)
        parent = _parent(heads)
        id = next(iter(_ID.findall(_head(heads, "Message-ID"))), "")
        if not id:
            self.counts.notes["mails without an id, which are told by what they say"] += 1
            id = hashlib.sha256("\0".join((author, at or "", subject, text)).encode(errors="replace")).hexdigest()[:32]
        people = [] if place else [address for _, address in self._addresses(heads, "From", "To", "Cc")]
        yield (
            "post",
            {
                "id": id,
                "authors": [author] if author else [],
                "kind": "message",
                "title": subject,
                "text": text,
                "created_at": at,
                "parent": parent if parent != id else None,
                "community": place or None,
                "language": _head(heads, "Content-Language").split(",")[0].strip()[:20],
                "audience": None if place else {"people": list(dict.fromkeys((self._mailbox, *people)))},
            },
        )

    def _place(self, heads: Heads) -> tuple[str, str]:
        """The list that a mail went over, and how it is called; empty for none."""
        if self._list:
            return self._list, ""
        for name in _LISTS:
            head = _head(heads, name)
            found = _LIST_ID.search(head)
            if found is not None:
                title = head[: found.start()].strip(' "') if name.endswith("List-Id") else ""
                return (found[1] or found[2] or found[3]).lower(), title
        return "", ""

    def _author(self, heads: Heads, place: str) -> tuple[str, str]:
        """Name and address of who wrote a mail. Lists that write for others (`Ann via List`) name them elsewhere."""
        found = self._addresses(heads, "From") or self._addresses(heads, "Sender")
        name, address = found[0] if found else ("", "")
        if place and (_VIA.search(name) or address.partition("@")[0] == place.partition(".")[0]):
            others = self._addresses(heads, "X-Original-From", "Reply-To")
            for other_name, other in others:
                if other != address and other.partition("@")[0] != place.partition(".")[0]:
                    return other_name or _VIA.sub("", name), other
        return _VIA.sub("", name), address

    def _addresses(self, heads: Heads, *names: str) -> list[tuple[str, str]]:
        """Names and addresses in heads, in small letters."""
        return [each for name in names for head in heads.get(name.lower(), ()) for each in _people(head)]


@lru_cache(maxsize=10_000)  # the same people write again and again
def _people(head: str) -> tuple[tuple[str, str], ...]:
    plain = _HIDDEN.sub(r"\1@\2", _decoded(head))
    return tuple(
        (called or _in_brackets(plain), address.lower())
        for called, address in getaddresses([plain[:10_000]])
        if _ADDRESS.fullmatch(address) and len(address) < 300
    )


def _in_brackets(head: str) -> str:
    """The name in `ann@firm.example (Ann Marsh)`."""
    found = re.search(r"\(([^()]*)\)", head)
    return found[1].strip() if found else ""


def _heads(mail: Message) -> Heads:
    """The heads by their names, as they are written: the library itself gives up on bytes that are not ASCII."""
    found: dict[str, list[str]] = {}
    for name, value in mail.raw_items():
        found.setdefault(name.lower(), []).append(str(value))
    return found


def _head(heads: Heads, name: str) -> str:
    found = heads.get(name.lower())
    return _decoded(found[0]) if found else ""


def _decoded(head: str) -> str:
    """A head with its encoded words read; bytes that are written as they are are read as `as_text` reads them."""
    if not head.isascii():
        head = as_text(head.encode("utf-8", "surrogateescape"))
    head = _FOLD.sub(" ", head)
    if "=?" not in head:
        return head
    try:
        parts = decode_header(head)
    except (ValueError, LookupError, AssertionError):
        return head
    return "".join(part if isinstance(part, str) else _in(part, charset) for part, charset in parts)


def _in(raw: bytes, charset: str | None) -> str:
    """Bytes in a character set; what is none, or does not fit, is UTF-8 or windows-1252."""
    if charset and charset.lower() not in ("unknown-8bit", "us-ascii", "ascii", "utf-8", "utf8"):
        try:
            return raw.decode(charset)
        except (LookupError, UnicodeError, ValueError):
            pass
    return as_text(raw)


def _when(heads: Heads, envelope: bytes) -> str | None:
    """When a mail was sent: its date, else when it was received, else the time of its first line."""
    received = [head.rpartition(";")[2] for head in heads.get("received", [])[:1]]
    first = re.search(rb"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4}", envelope)
    if first is not None:
        day, month, number, clock, year = first[0].decode().split()
        received.append(f"{day}, {number} {month} {year} {clock} +0000")
    for text in (_head(heads, "Date"), *received):
        try:
            at = parsedate_to_datetime(text.strip())
            return at.isoformat() if at.year >= 1970 else None
        except (TypeError, ValueError, IndexError, OverflowError):
            continue
    return None


def _parent(heads: Heads) -> str:
    answered = _ID.findall(_head(heads, "In-Reply-To"))
    return answered[0] if answered else next(reversed(_ID.findall(_head(heads, "References"))), "")


def _plain(mail: Message, body: bytes) -> str:
    """A body that is one plain text."""
    return _in(_ESCAPED.sub(rb"\1", body), mail.get_content_charset()).replace("\r\n", "\n").strip()


def _text(mail: Message) -> tuple[str, int]:
    """What a mail says, and how many files hang on it."""
    plain: list[str] = []
    rich: list[str] = []
    attached = 0
    for part in mail.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        if part.get_filename() or part.get_content_disposition() == "attachment" or kind not in _READ:
            attached += 1
            continue
        payload = part.get_payload(decode=True)
        raw = _ESCAPED.sub(rb"\1", payload) if isinstance(payload, bytes) else b""
        (plain if kind == "text/plain" else rich).append(_in(raw, part.get_content_charset()))
    text = "\n".join(plain).strip() or "\n".join(text_of(each) for each in rich)
    return text.replace("\r\n", "\n").rstrip(), attached


_READ: Final = frozenset({"text/plain", "text/html"})
OPTIONS: Final[Mapping[str, str]] = {
    "list": "The list whose archive it is, where its mails do not say so themselves (List-Id).",
    "mailbox": "Address of somebody whose own mailbox it is, and may be read: each mail for those it names.",
}

FORMAT = Format(
    name="mbox",
    summary="Mailing lists in mbox files; no one's own mailbox",
    open=MboxReader,
    options=OPTIONS,
    keys=("email",),
    audiences=True,
    place="list",
)
