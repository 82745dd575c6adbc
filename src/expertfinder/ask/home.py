"""The folder where everything of one organisation lives."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expertfinder.errors import StoreUnavailable
from expertfinder.index import arrays
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.folder import prune
from expertfinder.index.network.ties import Ties
from expertfinder.index.snapshot import Making, Progress
from expertfinder.store import Store, open_index_server, open_store
from expertfinder.store.index_server import IndexServer


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
        path = self.folder / "secret"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            self.folder.mkdir(parents=True, exist_ok=True)
            made = self.folder / f".secret-{os.getpid()}"
            with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(os.urandom(32))
            try:
                os.link(made, path)  # the first of two racing processes wins; both read what it wrote
            except FileExistsError:
                pass
            finally:
                made.unlink()
            return path.read_bytes()

    def open_store(self) -> Store:
        """The record, made where it is missing. `StoreUnavailable` where the folder cannot be made."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"the folder {self.folder} cannot be made: {error.strerror}") from error
        return open_store(self.record or self.facts)

    def open_index_server(self) -> IndexServer | None:
        """The server that holds the index; `None` where it lies in the folder."""
        return None if self.engine == "embedded" else open_index_server(self.facts)

    def build_index(
        self,
        store: Store,
        *,
        encode: Encoder,
        as_of: date | None = None,
        keep: int = 2,
        progress: Progress | None = None,
    ) -> Ties:
        """Build and publish a snapshot of the record, and remove all but the newest `keep`. The ties in it.

        A server keeps two at most; in the folder nothing is left of one that is published there.
        """
        # Who asks never builds, and building loads scipy and what it needs for communities.
        from expertfinder.index.build import build  # noqa: PLC0415
        from expertfinder.index.server.publishing import publish_to  # noqa: PLC0415

        server = self.open_index_server()
        if server is None:
            made = build(store, self.index, Making(encode, self.secret(), as_of), progress=progress)
            prune(self.index, keep=keep)
            return arrays.load(Ties, made / "ties")
        try:
            with tempfile.TemporaryDirectory(prefix="expertfinder-index-") as folder:
                made = build(store, Path(folder), Making(encode, server.secret(), as_of), progress=progress)
                publish_to(server, Path(folder), encode=encode, progress=progress or (lambda *_: None))
                ties = arrays.load(Ties, made / "ties")
            if keep < 2:
                server.retire()
            return ties
        finally:
            server.close()
