"""The facts, behind one protocol (`Store`) with two homes: a SQLite file and a Neo4j server.

Only this package imports the drivers of the two (`apsw`, `neo4j`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from expertfinder.configuration.settings import settings
from expertfinder.errors import StoreError
from expertfinder.store.index_server import IndexServer
from expertfinder.store.protocol import AuditEntry, Chain, Change, Demand, Key, Kind, Operation, Outcome, Receipt, Store
from expertfinder.store.statements import Feedback, Imported, Introduction, Statement, Verdict
from expertfinder.store.statements.endorsing import Nomination, PostState, Regulated
from expertfinder.store.statements.organisation import Pilot, RoleProfile
from expertfinder.store.statements.questions import PutQuestion, Routed, Subscription
from expertfinder.store.statements.wishes import Ask, Badge, Capacity, Disowned, Revoked, TopicWish, Visibility
from expertfinder.store.who import Deciding, who_is_who

if TYPE_CHECKING:
    from expertfinder.store.neo4j.server import Address

__all__ = [
    "Ask",
    "AuditEntry",
    "Badge",
    "Capacity",
    "Chain",
    "Change",
    "Deciding",
    "Demand",
    "Disowned",
    "Feedback",
    "Imported",
    "Introduction",
    "Key",
    "Kind",
    "Nomination",
    "Operation",
    "Outcome",
    "Pilot",
    "PostState",
    "PutQuestion",
    "Receipt",
    "Regulated",
    "Revoked",
    "RoleProfile",
    "Routed",
    "Statement",
    "Store",
    "Subscription",
    "TopicWish",
    "Verdict",
    "Visibility",
    "open_store",
    "who_is_who",
]

NEO4J_SCHEMES: Final = frozenset(f"{name}{security}" for name in ("neo4j", "bolt") for security in ("", "+s", "+ssc"))
"""Schemes of the address of a Neo4j server: `neo4j` is routed, `bolt` goes straight to one server. The connection is
encrypted with `+s`, encrypted by a certificate that the server signed itself with `+ssc`, else open."""


def open_store(path_or_url: str | Path, *, read_only: bool = False, copying: bool = False) -> Store:
    """Open the record at a path (a SQLite file) or at an address (`neo4j://host`, `bolt://host`, `neo4j+s://...`).

    A record that is missing is made, unless `read_only`. User and password come from the address
    (`neo4j://user:password@host/database`) or, where it has none, from the settings.

    Raises `FormatNotSupported` for a record of newer code and `StoreUnavailable` when the record cannot be reached just
    now. Raises `StoreError` for anything that is no record, for half a copy (unless `copying`, which goes on with the
    copy), for a login that is refused, for a URL whose scheme has no store, where the driver is not installed, and for
    a SQLite library before 3.51.3.
    """
    if isinstance(path_or_url, str) and "://" in path_or_url:
        scheme = path_or_url.partition("://")[0].lower()
        if scheme not in NEO4J_SCHEMES:
            raise StoreError(f"there is no store for {scheme}:// addresses: name a file, or a neo4j:// address")
        return _open_neo4j(path_or_url, read_only=read_only, copying=copying)
    from expertfinder.store.sqlite.store import SQLiteStore  # noqa: PLC0415  (importing names alone loads no database)

    return SQLiteStore(Path(path_or_url), read_only=read_only, copying=copying)


def open_index_server(url: str) -> IndexServer:
    """The Neo4j server at an address, as the holder of a published index. The server is not asked yet.

    Raises `StoreError` for an address of another scheme, for one without a host or a password, and where the driver is
    not installed.
    """
    if url.partition("://")[0].lower() not in NEO4J_SCHEMES:
        raise StoreError("an index is served by a Neo4j server: set EXPERTFINDER_RECORD to its neo4j:// address")
    where = _address(url)
    from expertfinder.store.neo4j.index import Neo4jIndex  # noqa: PLC0415

    return Neo4jIndex(where)


def _open_neo4j(url: str, *, read_only: bool, copying: bool) -> Store:
    where = _address(url)
    from expertfinder.store.neo4j.store import Neo4jStore  # noqa: PLC0415

    return Neo4jStore(where, read_only=read_only, copying=copying)


def _address(url: str) -> Address:
    """The address with user and password, which come from the URL or from the settings.

    Raises `StoreError` where the driver, an extra, is missing. The driver is imported here, so that an installation
    with the facts in a file never loads it.
    """
    try:
        from expertfinder.store.neo4j.server import address  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise StoreError(
            f"neo4j addresses need the driver ({error.name} is missing): pip install 'expertfinder[neo4j]'"
        ) from error
    chosen = settings()
    return address(url, user=chosen.neo4j_user, password=chosen.neo4j_password)
