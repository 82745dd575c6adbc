"""Where the published index lives: one protocol, two homes (files in a folder, a database server)."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.fresh.touched import Touched
from expertfinder.index.network.ties import Ties
from expertfinder.index.snapshot import Making, Progress, Snapshot
from expertfinder.model import Query
from expertfinder.store import Store


class Superseded(Exception):
    """Another index was published while this one was asked: look again."""


class Index(Protocol):
    """The published index of one organisation. Safe to share between threads.

    Every method may raise `StoreUnavailable` where a server holds the index and is away.
    """

    def secret(self) -> bytes:
        """32 bytes that only this organisation knows: versions are keyed with them."""
        ...

    def current(self) -> str | None:
        """The name of the published snapshot, `None` where there is none yet. Cheap: asked with every look."""
        ...

    def open(self, encode: Encoder) -> Snapshot:
        """What is published. Raises `NotReady`, `FormatNotSupported`, `Superseded`."""
        ...

    def verified(self, name: str) -> bool:
        """Whether the files of the snapshot with this name are as they were written; false while it is not known.

        Few bytes are verified while the caller waits, many in a thread. `open` verifies what was not before. Raises
        `FormatNotSupported`, which names the file, for one that is damaged.
        """
        ...

    def changes(self, base: Snapshot, store: Store, touched: Touched, *, making: Making, sequence: int) -> Snapshot:
        """The snapshot with everything that was touched as it is in the record now. Raises `Superseded`."""
        ...

    def resumed(self, base: Snapshot) -> tuple[Touched, int]:
        """What was touched since the snapshot, as far as it is known without reading it, and up to which change."""
        ...

    def narrow(self, view: View, query: Query, encode: Encoder) -> tuple[View, Query, Encoder] | None:
        """What a question is answered from: a view with the posts it may be about, the question, what encodes it.

        `None` where the question needs every post at hand: ask `whole`. Raises `Superseded`.
        """
        ...

    def whole(self, name: str) -> Index:
        """The index with every post at hand, of the snapshot with this name if it is still published."""
        ...

    def publish(self, store: Store, making: Making, *, keep: int, progress: Progress) -> Ties:
        """Build a snapshot of the record, publish it, remove all but the newest `keep`. The ties in it."""
        ...

    def forget(self, store: Store, making: Making, *, progress: Progress) -> None:
        """After an erasure: publish an index without what was erased; leave no byte of it in index and record."""
        ...

    def close(self) -> None:
        """Give back what was opened or fetched."""
        ...


def open_index(engine: str, *, folder: Path, address: str) -> Index:
    """The index of a home: `embedded` in the folder of the home, `neo4j` in the server at the address.

    Raises `StoreError` for an address that is no server's.
    """
    from expertfinder.index.folder import FolderIndex  # noqa: PLC0415  (both obey the protocol above)

    if engine == "embedded":
        return FolderIndex(folder)
    from expertfinder.index.server.index import ServerIndex  # noqa: PLC0415
    from expertfinder.store import open_index_server  # noqa: PLC0415

    return ServerIndex(open_index_server(address))
