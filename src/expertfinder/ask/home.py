"""The folder where everything of one organisation lives."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expertfinder.errors import StoreUnavailable
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.folder import FolderIndex
from expertfinder.index.home import Index, open_index
from expertfinder.index.network.ties import Ties
from expertfinder.index.snapshot import Making, Progress
from expertfinder.store import Store, open_store


@dataclass(frozen=True, slots=True)
class Home:
    """The folder where everything of one organisation lives, but for facts that are kept elsewhere."""

    folder: Path
    facts: str = ""
    """A file or the address of a server (see `store.open_store`); empty: a file in the folder."""
    engine: str = "embedded"
    """What holds the index: files in the folder (`embedded`), or the server with the facts (`neo4j`)."""

    @property
    def record(self) -> Path | None:
        """The file with the facts; `None` where a server keeps them."""
        return None if "://" in self.facts else Path(self.facts or self.folder / "record.sqlite").expanduser()

    @property
    def has_record(self) -> bool:
        """Whether facts were ever kept here; a server is asked when it is opened."""
        return self.record is None or self.record.exists()

    @property
    def index(self) -> Path:
        """The published snapshots."""
        return self.folder / "index"

    @property
    def weights(self) -> Path:
        """The weights that were learned and published; without this file those that are shipped serve."""
        return self.folder / "weights.json"

    def secret(self) -> bytes:
        """32 bytes that only this home knows, made once; they key what must not be guessed (versions, cursors)."""
        return FolderIndex(self.folder).secret()

    def open_store(self) -> Store:
        """The record, made where it is missing. `StoreUnavailable` where the folder cannot be made."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"the folder {self.folder} cannot be made: {error.strerror}") from error
        return open_store(self.record or self.facts)

    def open_index(self) -> Index:
        """The published index: in the folder, or in the server with the facts."""
        return open_index(self.engine, folder=self.folder, address=self.facts)

    def build_index(
        self,
        store: Store,
        *,
        encode: Encoder,
        as_of: date | None = None,
        keep: int = 2,
        progress: Progress | None = None,
    ) -> Ties:
        """Build and publish a snapshot of the record, and remove all but the newest `keep`. The ties in it."""
        return self._publish(store, lambda secret: Making(encode, secret, as_of), keep=keep, progress=progress)

    def fold_index(
        self,
        store: Store,
        *,
        encode: Encoder,
        as_of: date | None = None,
        keep: int = 2,
        progress: Progress | None = None,
    ) -> Ties:
        """As `build_index`, of the snapshot before and of what came since; the network stays (`folding.py`)."""
        return self._publish(
            store, lambda secret: Making(encode, secret, as_of, fold=True), keep=keep, progress=progress
        )

    def _publish(
        self, store: Store, making: Callable[[bytes], Making], *, keep: int, progress: Progress | None
    ) -> Ties:
        with closing(self.open_index()) as index:
            return index.publish(store, making(index.secret()), keep=keep, progress=progress or (lambda *_: None))

    def forget(self, store: Store, *, encode: Encoder, as_of: date | None, progress: Progress) -> None:
        """After an erasure: publish an index without what was erased, and leave no byte of it in any file."""
        with closing(self.open_index()) as index:
            index.forget(store, Making(encode, index.secret(), as_of), progress=progress)
