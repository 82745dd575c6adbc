"""Account keys: how they are compared, of what kind they are, and which of them can be one human's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import combinations, permutations
from typing import Final

# Mailboxes and hosts that many humans write from, or none: machines' defaults, and what converters and privacy settings
# put in the place of an address. Two records that share one of these are not one human.
_NOBODYS_MAILBOXES = frozenset(
    {"anonymous", "devnull", "invalid", "nobody", "none", "no-reply", "no_reply", "noreply", "null", "root", "unknown"}
)
_NOBODYS_HOSTS = frozenset({"(none)", "localhost", "localhost.localdomain", "none", "unknown"})

ONE_HUMANS: Final = ("employee", "idp")
"""Kinds of key of which a human has one over all sources, the surest first: two keys of such a kind are two humans."""
SEVERAL: Final = frozenset({"email", "phone"})
"""Kinds of key of which a human may have several in one source. Of any other kind two in one source are two humans."""
_SAME_KIND: Final = {"mail": "email", "e-mail": "email", "mailto": "email", "personnel": "employee", "oidc": "idp"}
"""Other words for a kind."""
_ALSO: Final = {
    "smtp": "email",
    **dict.fromkeys(("tel", "telephone", "mobile"), "phone"),
    **dict.fromkeys(("employeeid", "employee_id", "employeenumber", "employee_number"), "employee"),
}
"""More of them, which versions before did not know (`earlier`)."""
_NOBODYS_KEYS = frozenset(
    re.findall(
        r"\S+",
        "- -- ? n/a na #n/a none null (null) nil nan undefined unknown tbd x xx xxx dummy"
        " extern external contractor unbekannt keine ohne inconnu aucun desconocido sconosciuto onbekend",
    )
)
"""What stands in the place of a number or an address that somebody does not have."""
_NOBODYS_LOGINS = _NOBODYS_KEYS - frozenset(
    ["na", "x", "xx", "xxx", "dummy", "extern", "external", "contractor", "keine", "ohne", "aucun", "onbekend"]
)
"""Those of them that stand in the place of a login; the others are as well somebody's."""
_INSIDE = re.compile(r"<([^<>\s]+@[^<>\s]+)>$")
"""An address behind a name: `Ann Aalto <ann@firm.example>`."""
_WHOLE = re.compile(r"\d+(?:\.0)?")
"""A number as spreadsheets write it."""
_DIALLED = re.compile(r"(?:\+|00)?(?:\(0\)|[\d\s()/.-]){6,30}")
MOST_NAMES: Final = 3
"""Names under which records may carry one key; with more names the key is nobody's. One human may have a name, a
changed name and a third spelling; four names are a shared mailbox."""

_PRIVATE_ADDRESS = re.compile(
    r"email:(?:(?P<number>\d+)[+-])?(?P<name>[a-z0-9._-]+)"
    r"@(?:users\.noreply\.(?:(?P<kind>github|gitlab)\.com|(?P<host>[a-z0-9.-]+\.[a-z0-9-]+))"
    r"|noreply\.(?:(?P<other>codeberg)\.org|(?P<own>[a-z0-9.-]+\.[a-z0-9-]+)))"
)
"""What forges write in the place of an address: the name of the account, and mostly its number before it."""
FORGES: Final = frozenset({"github", "gitlab", "codeberg", "github-number", "gitlab-number", "codeberg-number"})
"""Kinds of key that a private address contains. Of a forge on a host of one's own the kind is the name of the host. A
number stays when an account takes another name."""
_TAGGED = re.compile(r"email:([a-z0-9._-]*[a-z][a-z0-9._-]*)\+[^@+\s]+@((?!.*noreply)[^@\s]+)")
"""An address with a tag behind the mailbox (RFC 5233)."""
_ADDRESS = re.compile(r"[^@\s:]+@[^@\s:]+")
_NO_LETTER = re.compile(r"[^a-z]+")
ENOUGH_OF_A_WORD: Final = 3
"""Letters that a login has of one name at least, beside an initial: words such as `info`, `lab`, `team` and `hr` begin
like two names of somebody sooner or later, and logins mostly have more of a name (`jsmith`)."""
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
"""How addresses write the letters that names have with two dots."""
_BRACKETS = re.compile(r"[(\[<].*?[)\]>]")
_MARKS = re.compile(r"[^A-Za-z0-9 ]")
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u1100-\u11ff\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""Letters of Chinese, Japanese and Korean, also taken apart."""


def key_of(account: str) -> str:
    """An account as it is compared: lower case, its kind in one word; a bare address is an e-mail address.

    An employee's number has no zeros before it, because spreadsheets leave them out; a telephone number has
    digits only, and `+` before its country.
    """
    kind, colon, name = earlier(account).partition(":")
    kind = _ALSO.get(kind, kind)
    if kind == "email":
        inside = _INSIDE.search(name)
        name = inside[1] if inside else name
        name = name.removeprefix("mailto:").removeprefix("smtp:")
    elif kind == "employee" and _WHOLE.fullmatch(name):
        name = name.removesuffix(".0").lstrip("0") or "0"
    elif kind == "phone" and _DIALLED.fullmatch(name):
        digits = "".join(filter(str.isdecimal, name.replace("(0)", "")))
        name = f"+{digits.removeprefix('00')}" if name.startswith(("+", "00")) else digits
    return f"{kind}{colon}{name}"


def earlier(account: str) -> str:
    """An account as versions before compared it: the tombstones that they left are of these."""
    text = account.strip().lower()
    kind, colon, name = text.partition(":")
    if colon:
        kind, name = kind.strip(), name.strip()
        return f"{_SAME_KIND.get(kind, kind)}:{name}"
    return f"email:{text}" if _ADDRESS.fullmatch(text) else text


def kind_named(word: str) -> str:
    """The kind that a word names."""
    kind = word.strip().lower()
    return _SAME_KIND.get(kind) or _ALSO.get(kind, kind)


def kind_of(key: str) -> str:
    """What sort of key it is: `employee`, `idp`, `email`, `github` ..."""
    return key.partition(":")[0]


def named_keys(id: str) -> tuple[str, ...]:
    """The account keys that an id may name: `chat:github:ann` is `github:ann`, `git:a@firm.example` an address."""
    native = key_of(id.partition(":")[2])
    keys = (key_of(id), native, *within(native))
    return tuple(key for key in keys if is_personal(key) and ":" in key)


def is_personal(account: str) -> bool:
    """Whether an account can identify a human: not empty, and not a mailbox that many share or nobody has."""
    return _is_own(key_of(account))


def keys_of(accounts: Iterable[str]) -> list[str]:
    """The accounts that can identify a human, as they are compared; each once, in their order."""
    return [key for key in dict.fromkeys(map(key_of, accounts)) if _is_own(key)]


def keys_within(accounts: Iterable[str]) -> set[str]:
    """All keys by which a record with these accounts can be joined: its own, and those inside its private addresses."""
    own = keys_of(accounts)
    return {*own, *(other for key in own for other in within(key))}


def _is_own(key: str) -> bool:
    kind, _, name = key.partition(":")
    if kind in ("email", "phone", *ONE_HUMANS) and (name in _NOBODYS_KEYS or not name.strip("+0")):
        return False
    if kind != "email":
        return bool(kind and name) and name not in _NOBODYS_LOGINS
    mailbox, _, host = name.partition("@")
    return bool(mailbox) and mailbox not in _NOBODYS_MAILBOXES and host not in _NOBODYS_HOSTS


def name_key(name: str) -> frozenset[str]:
    """The words of a name: equal for names that differ in order, accents, case or a remark in brackets."""
    if name.isascii() and not _MARKS.search(name):
        return frozenset(name.lower().split())
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return frozenset(_WORD.findall(_BRACKETS.sub(" ", plain).casefold())) or frozenset(_WORD.findall(plain.casefold()))


def is_shared_by(key: str, names: Mapping[str, Iterable[frozenset[str]]]) -> bool:
    """Whether several humans share a key, so that it identifies nobody. `names`: source -> `name_key` of its carriers.

    A key with more than `MOST_NAMES` names is shared. A mailbox or a telephone is shared already where one source gives
    it two full names without a word in common, and the mailbox is called after no name. So reception@ of Ann Aalto and
    Ben Berg is shared, and ben.berg@ is not.
    """
    known = {name for of_source in names.values() for name in of_source if name}
    if len(known) > MOST_NAMES:
        return True
    if len(known) < 2 or kind_of(key) not in SEVERAL or _private(key) is not None:
        return False
    pairs = (pair for of_source in names.values() for pair in combinations(of_source, 2))
    strangers = any(_are_strangers(*pair) for pair in pairs)
    mailbox = key.partition(":")[2].partition("@")[0]
    return strangers and not any(_is_called(mailbox, name) for name in known)


def _are_strangers(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two full names have nothing in common. In scripts without blanks a full name is one word."""
    if min(len(one), len(other)) > 1:
        return one.isdisjoint(other)
    whole = all(len(word) > 1 and _UNSPACED.match(word) for word in (*one, *other))
    return whole and not any(a in b or b in a for a in one for b in other)


def _is_called(mailbox: str, name: frozenset[str]) -> bool:
    """Whether a part of a mailbox between signs, or all of it, is a word of a name, or is put together from two.

    Of the two words one is whole, or both have `ENOUGH_OF_A_WORD` letters, or one has them beside an initial: `jdoe`,
    `annaal` and `boli` are. Neither is `it` of Ida Thal, nor `info` of Ingo Forster, nor `quality` of Ali Demir.
    """
    every = mailbox
    for written, letter in _UMLAUTS:
        every = every.replace(written, letter)
    for plain in {mailbox, every, *(mailbox.replace(written, letter) for written, letter in _UMLAUTS)}:
        parts = {part for part in _NO_LETTER.split(plain) if part} | {_NO_LETTER.sub("", plain)}
        if any(len(word) > 2 and word in parts for word in name):
            return True
        if any(_is_of_two(part, *pair) for pair in permutations(sorted(name), 2) for part in parts):
            return True
    return False


def _is_of_two(part: str, one: str, other: str) -> bool:
    """Whether letters are the beginning of one word, and then that of another, and enough of them."""
    for end in range(1, len(part)):
        first, second = part[:end], part[end:]
        if one.startswith(first) and other.startswith(second):
            few, many = sorted((len(first), len(second)))
            whole = (first == one and len(one) > 1) or (second == other and len(other) > 1)
            if whole or few >= ENOUGH_OF_A_WORD or (few == 1 and many >= ENOUGH_OF_A_WORD):
                return True
    return False


def within(key: str) -> tuple[str, ...]:
    """The keys that an address is made of: private addresses of forges name the account, and mostly its number; an
    address with a tag (`ann+git@firm.example`) is delivered to the one without."""
    private = _private(key)
    if private is None:
        tagged = _TAGGED.fullmatch(key) if "+" in key else None
        return (f"email:{tagged[1]}@{tagged[2]}",) if tagged else ()
    kind = private["kind"] or private["other"] or private["host"] or private["own"]
    number = (f"{kind}-number:{private['number']}",) if private["number"] else ()
    return (f"{kind}:{private['name']}", *number)


def _private(key: str) -> re.Match[str] | None:
    return _PRIVATE_ADDRESS.fullmatch(key) if "noreply." in key else None
