"""Facts. One protocol, two homes: `sqlite.py` here, Neo4j beside it. Vendor names stop at this floor."""

from __future__ import annotations

from expertfinder.store.protocol import AuditEntry, Change, Key, Kind, Receipt, Store

__all__ = ["AuditEntry", "Change", "Key", "Kind", "Receipt", "Store"]
