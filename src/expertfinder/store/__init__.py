"""Facts. One protocol, two homes: `sqlite.py` here, Neo4j beside it. Vendor names stop at this floor."""

from __future__ import annotations

from pathlib import Path

from expertfinder.errors import StoreError
from expertfinder.store.protocol import AuditEntry, Change, Feedback, Key, Kind, Operation, Receipt, Store
from expertfinder.store.sqlite import SQLiteStore

__all__ = ["AuditEntry", "Change", "Feedback", "Key", "Kind", "Operation", "Receipt", "Store", "open_store"]


def open_store(path_or_url: str | Path, *, read_only: bool = False) -> Store:
    """The facts that live at a path (a SQLite file, made where it is missing unless `read_only`).

    Raises `FormatNotSupported` for a record of newer code, `StoreUnavailable` when it cannot be reached just now, and
    `StoreError` for what is no record, for a URL whose scheme has no store, and for a SQLite library before 3.51.3.
    """
    if isinstance(path_or_url, str) and "://" in path_or_url:
        scheme = path_or_url.partition("://")[0]
        raise StoreError(f"there is no store for {scheme}:// addresses: name the path of a file")
    return SQLiteStore(Path(path_or_url), read_only=read_only)
