"""LDIF (RFC 2849): the entries of a directory, as `ldapsearch`, `slapcat`, `db2ldif` or `ldifde` write them.

| in the file | becomes |
|---|---|
| an entry of a class of people (`person`, `inetOrgPerson`, `user` ...) | a person |
| `uid` or `sAMAccountName`, else the name of the entry | its id |
| `manager` | the manager, found by the name of the entry |
| `member`, `uniqueMember`, `memberUid` of a group, `memberOf` | groups of the person, by the whole name of the group |
| `userAccountControl` with 2, `nsAccountLock`, `loginDisabled`, a lock for ever | somebody who left |
| a unit or a class of programs, a `servicePrincipalName` | a machine |
| `changetype: delete` | the person is taken back |

Values in base64 are read; a value that is the address of a file (`:<`) is never opened. Changes of single values cannot
be read without the directory, and are an error that says so. Passwords, photos and telephones are never kept.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Spot, Tree, lines
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.formats import Format
from expertfinder.sources.lines import LINE_LIMIT
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said
from expertfinder.sources.times import LEFT_SOMETIME

PEOPLE: Final = frozenset(
    {"person", "organizationalperson", "inetorgperson", "user", "mozillaabpersonalpha", "newpilotperson", "pilotperson"}
)
"""Object classes of people, in small letters."""
GROUPS: Final = frozenset(
    {"groupofnames", "groupofuniquenames", "group", "posixgroup", "groupofurls", "groupofmembers"}
)
"""Object classes of groups, in small letters."""
PROGRAMS: Final = frozenset(
    {
        "applicationprocess",
        "computer",
        "device",
        "iphost",
        "msds-groupmanagedserviceaccount",
        "msds-managedserviceaccount",
    }
)
"""Object classes of programs and machines, in small letters; Active Directory has them besides `user`."""
UNITS_OF_PROGRAMS: Final = frozenset(
    {
        "service accounts",
        "serviceaccounts",
        "service",
        "services",
        "robots",
        "bots",
        "system accounts",
        "technical users",
    }
)
"""Units in which accounts of programs are kept, in small letters."""
KEPT: Final = frozenset(
    {
        *(
            "dn",
            "changetype",
            "objectclass",
            "uid",
            "samaccountname",
            "entryuuid",
            "displayname",
            "cn",
            "givenname",
            "sn",
        ),
        *("title", "department", "ou", "departmentnumber", "l", "physicaldeliveryofficename", "roomnumber", "co"),
        *("preferredlanguage", "manager", "member", "uniquemember", "memberuid", "memberof", "employeenumber"),
        *("employeeid", "mail", "proxyaddresses", "mailalternateaddress", "useraccountcontrol", "nsaccountlock"),
        *("logindisabled", "pwdaccountlockedtime", "accountexpires", "whenchanged", "modifytimestamp"),
        *("employeetype", "serviceprincipalname", "deleteoldrdn", "newrdn", "control"),
    }
)
"""Attributes that are looked at, in small letters; no other value is kept in memory."""
DISABLED: Final = 2
"""The bit of `userAccountControl` of an account that is disabled (ACCOUNTDISABLE)."""
LOCKED_FOR_EVER: Final = "000001010000Z"
"""What OpenLDAP writes into `pwdAccountLockedTime` of an account that only an administrator opens again."""
ADDRESSES: Final = "values that are addresses of files, which are never opened"
_ATTRIBUTE: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]*)((?:;[A-Za-z0-9-]+)*):(:|<)? *(.*)", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)
_NEVER: Final = ("0", "9223372036854775807")
"""Values of `accountExpires` of an account that does not expire."""

Values = dict[str, list[str]]


class Entry(NamedTuple):
    """One entry: its name, and values by attribute in small letters."""

    spot: Spot
    name: str
    values: Values

    def first(self, *attributes: str) -> str:
        """The first value of the first of these attributes that has one."""
        return next((self.values[name][0] for name in attributes if self.values.get(name)), "")

    def all(self, *attributes: str) -> list[str]:
        """All values of these attributes."""
        return [value for name in attributes for value in self.values.get(name, ())]

    @property
    def classes(self) -> set[str]:
        """Its object classes, in small letters."""
        return {value.lower() for value in self.all("objectclass")}


class LdifReader(ExportReader):
    """Reads entries of people and groups (`Reader`). Names and groups of all are in memory at once."""

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Every person, in the order of the files."""
        names = tree.names if tree.is_file else tree.under(ending=".ldif")
        ids: dict[str, str] = {}
        groups: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for name in names:
            for entry in self._entries(tree, name, first=True):
                if entry.classes & PEOPLE:
                    ids[plain(entry.name)] = _id(entry)
                elif entry.classes & GROUPS:
                    for member in entry.all("member", "uniquemember"):
                        groups[plain(member)][_group(entry.name)] = None
                    for member in entry.all("memberuid"):
                        groups[f"uid={member.lower()}"][_group(entry.name)] = None
        for name in names:
            for entry in self._entries(tree, name):
                yield from self.facts_of(entry.spot, self._made(entry, ids, groups), {})

    def _made(
        self, entry: Entry, ids: Mapping[str, str], groups: Mapping[str, Mapping[str, None]]
    ) -> Callable[[Raw], Made]:
        return lambda _: self._fact(entry, ids, groups)

    def _fact(self, entry: Entry, ids: Mapping[str, str], groups: Mapping[str, Mapping[str, None]]) -> Made:
        change = entry.first("changetype").lower()
        if change == "delete":
            named = ids.get(plain(entry.name)) or _id(entry)
            yield "person", {"type": "Delete", "object": named}
            return
        if change not in ("", "add"):
            raise SourceError(
                f"a change of single values ({change}) cannot be read without the directory: export the entries",
                field="changetype",
            )
        if not entry.classes & PEOPLE:
            what = "groups" if entry.classes & GROUPS else "entries that are no people"
            if what != "groups":
                self.left_out(what)
            return
        number = entry.first("employeenumber", "employeeid")
        mails = [value for value in entry.all("mail", "mailalternateaddress") if "@" in value]
        mails += [value[5:] for value in entry.all("proxyaddresses") if value.lower().startswith("smtp:")]
        in_groups = [_group(name) for name in entry.all("memberof")]
        for key in (plain(entry.name), f"uid={entry.first('uid', 'samaccountname').lower()}"):
            in_groups += _all_above(key, groups)
        manager = entry.first("manager")
        full = " ".join(filter(None, (entry.first("givenname"), entry.first("sn"))))
        yield (
            "person",
            {
                "id": _id(entry),
                "name": entry.first("displayname") or entry.first("cn") or full,
                "title": entry.first("title"),
                "org_unit": entry.first("department", "ou", "departmentnumber"),
                "location": entry.first("l", "physicaldeliveryofficename"),
                "languages": [value.partition(";")[0] for value in entry.all("preferredlanguage")],
                "manager": (ids.get(plain(manager)) or plain(manager)) if manager else "",
                "groups": list(dict.fromkeys(in_groups)),
                "accounts": [f"email:{mail}" for mail in dict.fromkeys(mails)]
                + ([f"employee:{number}"] if number else []),
                "left_at": _left(entry),
                "kind": "machine" if _is_program(entry) else "",
            },
        )

    def _entries(self, tree: Tree, name: str, *, first: bool = False) -> Iterator[Entry]:
        """The entries of a file. An entry that cannot be read is left out or raises; the `first` look passes over it,
        and the second reports it."""
        for spot, block in _blocks(tree, name):
            if first:
                with suppress(SourceError):
                    if (entry := _entry(spot, block)) is not None:
                        yield entry
                continue
            entry = self.tried(spot, lambda block=block, spot=spot: _entry(spot, block, self))  # type: ignore[misc]
            if entry is not None:
                yield entry


def _entry(spot: Spot, block: list[str], reader: ExportReader | None = None) -> Entry | None:
    values: Values = {}
    for line in block:
        found = _ATTRIBUTE.fullmatch(line)
        if found is None:
            raise SourceError(f"this is no line of LDIF: {line[:40]!r}", **spot.extras)
        attribute, mark, value = found[1].lower(), found[3], found[4]
        if attribute == "version" and not values:
            continue
        if mark == "<":
            if reader is not None:
                reader.left_out(ADDRESSES)
            if attribute == "dn":
                raise SourceError("the name of an entry is an address, which is never opened", field="dn")
            continue
        if attribute in KEPT:
            if mark == ":":
                value = _decoded(value, attribute)
            values.setdefault(attribute, []).append(value.strip())
    if not values:
        return None
    if "dn" not in values:
        raise SourceError("an entry begins with its name (dn)", field="dn")
    return Entry(spot, values.pop("dn")[0], values)


def _blocks(tree: Tree, name: str) -> Iterator[tuple[Spot, list[str]]]:
    """The lines of each entry, folded ones joined and comments left out, with the spot of its first."""
    begins: Spot | None = None
    block: list[list[str]] = []
    size, comment = 0, False
    for spot, raw in lines(tree, name):
        line = raw.rstrip("\r\n")
        folded = line.startswith(" ") and (comment or bool(block))
        if not folded:
            comment = line.startswith("#")
        if not line:
            if begins is not None:
                yield begins, ["".join(parts) for parts in block]
            begins, block, size = None, [], 0
        if comment or not line or line == "-":  # a line of its own ends each change of an attribute
            continue
        size += len(line)
        if size > LINE_LIMIT:
            raise SourceError(f"an entry is longer than {LINE_LIMIT:,} characters", **(begins or spot).extras)
        if folded:
            block[-1].append(line[1:])
        else:
            begins = begins or spot
            block.append([line])
    if begins is not None:
        yield begins, ["".join(parts) for parts in block]


def _decoded(value: str, attribute: str) -> str:
    """A value in base64, as text."""
    try:
        raw = base64.b64decode(value.strip().encode(), validate=True)
        return raw.decode()
    except UnicodeDecodeError:
        raise SourceError(f"the value of {attribute!r} is no UTF-8", field=attribute) from None
    except (binascii.Error, ValueError):
        raise SourceError(f"the value of {attribute!r} is no base64", field=attribute) from None


def plain(name: str) -> str:
    """The name of an entry (RFC 4514) so that equal ones are equal texts: small letters, no blanks around its parts."""
    parts = re.split(r"(?<!\\)[,;+]", name)
    pairs = (part.partition("=") for part in parts)
    return ",".join(f"{kind.strip().lower()}={_unescaped(value.strip()).lower()}" for kind, _, value in pairs)


def _unescaped(value: str) -> str:
    """The value of a part of a name; `\\C3\\A4` is a letter in two bytes."""
    if "\\" not in value:
        return value
    found = _ESCAPED.sub(lambda match: chr(int(match[1], 16)) if len(match[1]) == 2 else match[1], value)
    try:
        return found.encode("latin-1").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return found


def _parts(name: str) -> list[tuple[str, str]]:
    """The parts of a name from the first on: (kind, value)."""
    return [(kind, value) for part in plain(name).split(",") for kind, _, value in [part.partition("=")]]


def _id(entry: Entry) -> str:
    """The id of a person: the name of the account, else the first part of the entry's name where that is a `uid`, else
    the whole name of the entry."""
    kind, value = _parts(entry.name)[0]
    return entry.first("uid", "samaccountname").lower() or (value if kind == "uid" else plain(entry.name))


def _group(name: str) -> str:
    """The id of a group: its whole name, because two units may each have a group of the same name."""
    return plain(name)


def _all_above(key: str, groups: Mapping[str, Mapping[str, None]]) -> list[str]:
    """The groups that hold an entry, directly or by another group; groups may hold each other."""
    found: dict[str, None] = {}
    waiting = [key]
    while waiting:
        for group in groups.get(waiting.pop(), ()):
            if group not in found:
                found[group] = None
                waiting.append(group)
    return list(found)


def _left(entry: Entry) -> str:
    """When somebody left; empty for an account that is in use. An account that expires is in use until then."""
    control = entry.first("useraccountcontrol")
    off = control.isascii() and control.isdecimal() and bool(int(control) & DISABLED)
    off = off or "true" in (entry.first("nsaccountlock").lower(), entry.first("logindisabled").lower())
    if off or entry.first("pwdaccountlockedtime") == LOCKED_FOR_EVER:
        return entry.first("whenchanged", "modifytimestamp") or LEFT_SOMETIME
    ends = entry.first("accountexpires")
    return "" if ends in _NEVER else ends


def _is_program(entry: Entry) -> bool:
    units = {value for kind, value in _parts(entry.name)[1:] if kind in ("ou", "cn")}
    return bool(entry.classes & PROGRAMS or units & UNITS_OF_PROGRAMS or entry.all("serviceprincipalname"))


FORMAT = Format(
    name="ldif",
    summary="Entries of a directory (Active Directory, OpenLDAP, 389 Directory Server) as LDIF (RFC 2849)",
    open=LdifReader,
    keys=("email", "employee"),
    proves=("email", "employee"),
    machines=True,
    withdraws=True,
)
