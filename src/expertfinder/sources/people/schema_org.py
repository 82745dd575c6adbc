"""schema.org: people as profile pages and registers describe them in JSON-LD.

`Person` objects are read wherever they stand: at the top, in a `@graph`, in lists, as the employees and members of an
organisation, as what a `ProfilePage` is about. `knowsAbout` are skills; an `EmployeeRole` says when somebody came and
left. Contexts are never fetched. Groups, addresses of homes, telephones and pictures are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from expertfinder.sources.exports import ExportReader, Made, Tree, said
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.objects import json_objects
from expertfinder.sources.formats import Format
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said

ENDINGS: Final = (".json", ".jsonld", ".ndjson", ".jsonl")
"""Endings of the files of a folder that are read."""
PREFIXES: Final = ("https://schema.org/", "http://schema.org/", "schema:")
"""What a name of schema.org may begin with; the name itself stays."""
WITHIN: Final = (
    *("employee", "employees", "member", "members", "mainEntity", "itemListElement", "item", "founder", "about"),
    *("alumni", "author", "dataFeedElement"),
)
"""Fields of other objects in which people stand."""
FORGES: Final[Mapping[str, str]] = {"github.com": "github", "gitlab.com": "gitlab", "orcid.org": "orcid"}
"""Hosts of `sameAs` -> kind of account key."""
NAMELESS: Final = "people without an id, an address or an identifier"
OTHERS: Final = "objects that are no people and hold none"


class SchemaOrgReader(ExportReader):
    """Reads people (`Reader`)."""

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Every person, in the order of the files."""
        for name in tree.names:
            if tree.is_file or name.lower().endswith(ENDINGS):
                for spot, raw in json_objects(tree, name, ["@graph.item"]):
                    yield from self.facts_of(spot, self._people, raw)

    def _people(self, raw: Raw) -> Made:
        found = 0
        for person in _persons(_plain(raw)):
            found += 1
            yield from self._person(person)
        if not found:
            self.left_out(OTHERS)

    def _person(self, person: Raw) -> Made:
        mails = [text.removeprefix("mailto:").strip() for text in _texts(person, "email")]
        mails = [mail for mail in mails if "@" in mail]
        numbers = [text for text in _texts(person, "identifier") if not text.startswith(("http", "mailto:"))]
        others = [*numbers, *(mail.lower() for mail in mails), *_texts(person, "url")]
        id = said(person, "@id", "id") or next(iter(others), "")
        if not id:
            self.left_out(NAMELESS)
            return
        roles = [each for each in _objects(person, "worksFor") if "EmployeeRole" in _types(each) or "startDate" in each]
        works = [inner for role in roles for inner in _objects(role, "worksFor")]
        works = works or _objects(person, "worksFor") or _objects(person, "affiliation")
        full = " ".join(filter(None, (*_texts(person, "givenName")[:1], *_texts(person, "familyName")[:1])))
        unit = [text for each in works for text in _labels(each, "department")] + [
            text for each in works for text in _texts(each, "name")
        ]
        links = [found for text in _texts(person, "sameAs") for found in [_account(text)] if found]
        yield (
            "person",
            {
                "id": id,
                "name": next(iter(_texts(person, "name")), "") or full,
                "title": next(iter([*_labels(person, "jobTitle"), *_labels(person, "hasOccupation")]), ""),
                "org_unit": next(iter(unit), ""),
                "location": next(iter([*_places(person, "workLocation"), *_places(person, "location")]), ""),
                "bio": next(iter(_texts(person, "description")), ""),
                "skills": _labels(person, "knowsAbout") + _labels(person, "skills"),
                "languages": _labels(person, "knowsLanguage"),
                "accounts": [f"email:{mail}" for mail in dict.fromkeys(mails)] + list(dict.fromkeys(links)),
                "joined_at": next((text for role in roles for text in _texts(role, "startDate")), ""),
                "left_at": next((text for role in roles for text in _texts(role, "endDate")), ""),
            },
        )


def _plain(value: object) -> Raw:
    """An object whose names of fields lose the prefixes of schema.org (`PREFIXES`)."""
    if not isinstance(value, Mapping):
        return {}
    return {_name(str(field)): _plainer(inner) for field, inner in value.items()}


def _plainer(value: object) -> object:
    if isinstance(value, list):
        return [_plainer(each) for each in value]
    return _plain(value) if isinstance(value, Mapping) else value


def _name(field: str) -> str:
    return next((field.removeprefix(prefix) for prefix in PREFIXES if field.startswith(prefix)), field)


def _persons(raw: Raw) -> Iterator[Raw]:
    """The people in an object: itself, or those in the fields of organisations, pages and lists."""
    if "Person" in _types(raw):
        yield raw
        return
    for field in (*WITHIN, "@graph"):
        for inner in _objects(raw, field):
            yield from _persons(inner)


def _types(raw: Raw) -> set[str]:
    return {_name(word) for word in [*_texts(raw, "@type"), *_texts(raw, "type")]}


def _each(raw: Raw, field: str) -> list[object]:
    value = raw.get(field)
    return [] if value is None else value if isinstance(value, list) else [value]


def _objects(raw: Raw, field: str) -> list[Raw]:
    return [each for each in _each(raw, field) if isinstance(each, Mapping)]


def _texts(raw: Raw, field: str) -> list[str]:
    """Texts, those in `@value`, and the values of `PropertyValue`s."""
    found = []
    for each in _each(raw, field):
        if isinstance(each, Mapping):
            each = each.get("@value", each.get("value"))
        if isinstance(each, str | int) and not isinstance(each, bool):
            found.append(str(each).strip())
    return [text for text in found if text]


def _labels(raw: Raw, field: str) -> list[str]:
    """Texts, and the names of things (`DefinedTerm`, `Language`, `Organization`); web addresses are left out."""
    found = []
    for each in _each(raw, field):
        if isinstance(each, Mapping):
            found += _texts(each, "name") or _texts(each, "@value")
        elif isinstance(each, str):
            found.append(each.strip())
    return [text for text in dict.fromkeys(found) if text and not text.startswith(("http://", "https://"))]


def _places(raw: Raw, field: str) -> list[str]:
    """Town and country, or the name of a place."""
    found = []
    for each in _each(raw, field):
        if isinstance(each, str):
            found.append(each)
        if isinstance(each, Mapping):
            address = next(iter(_objects(each, "address")), each)
            words = [*_texts(address, "addressLocality")[:1], *_labels(address, "addressCountry")[:1]]
            found += [", ".join(words)] if words else _texts(each, "name")[:1]
    return found


def _account(link: str) -> str:
    """The account key of a profile elsewhere; empty for hosts whose names are not somebody's own."""
    host, _, path = link.partition("://")[2].partition("/")
    handle = path.strip("/").partition("?")[0]
    kind = FORGES.get(host.removeprefix("www."), "")
    return f"{kind}:{handle}" if kind and handle and "/" not in handle else ""


FORMAT = Format(
    name="schema-org",
    summary="People of schema.org, in JSON-LD",
    open=SchemaOrgReader,
    keys=("email", "github", "gitlab", "orcid"),
)
