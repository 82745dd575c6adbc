"""The index in files: a folder of snapshots beside the secret of the home."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from expertfinder.errors import FormatNotSupported
from expertfinder.index import arrays
from expertfinder.index.access import View
from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.fresh.changes import freshen
from expertfinder.index.fresh.touched import Touched
from expertfinder.index.fresh.waiting import ENOUGH, load_waiting, save_waiting
from expertfinder.index.network.ties import Ties
from expertfinder.index.published import Verification, current_name, prune, unsealed
from expertfinder.index.snapshot import Making, Progress, Snapshot, open_snapshot
from expertfinder.model import Query
from expertfinder.store import Store


class FolderIndex:
    """The index of a home in its folder; see `home.Index`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.folder = home / "index"
        self.whole_name: str | None = None
        """The name of a snapshot whose files are known to be as they were written."""
        self._verification: Verification | None = None

    def secret(self) -> bytes:
        """As `Index.secret`; made with the first look, and readable for its owner alone."""
        path = self._home / "secret"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            self._home.mkdir(parents=True, exist_ok=True)
            made = self._home / f".secret-{os.getpid()}"
            with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(os.urandom(32))
            try:
                os.link(made, path)  # the first of two racing processes wins; both read what it wrote
            except FileExistsError:
                pass
            finally:
                made.unlink()
            return path.read_bytes()

    def current(self) -> str | None:
        """As `Index.current`."""
        return current_name(self.folder)

    def open(self, encode: Encoder) -> Snapshot:
        """As `Index.open`."""
        return open_snapshot(self.folder, encode=encode, verified=self.whole_name)

    def verified(self, name: str) -> bool:
        """As `Index.verified`."""
        if name == self.whole_name:
            return True
        if self._verification is None or self._verification.name != name:
            self._verification = Verification(name, self.folder / name, unsealed(self.folder / name)["files"])
        try:
            if not self._verification.done():
                return False
        except FormatNotSupported:
            self._verification = None  # whoever asks again has it read again
            raise
        self.whole_name = name
        return True

    def changes(self, base: Snapshot, store: Store, touched: Touched, *, making: Making, sequence: int) -> Snapshot:
        """As `Index.changes`. What waits is written down from time to time."""
        found = freshen(base, store, touched, making=making, sequence=sequence)
        if touched.look is not None and touched.read >= ENOUGH:
            save_waiting(self.folder / base.manifest.name, base, touched, sequence=sequence)
            touched.read = 0
        return found

    def resumed(self, base: Snapshot) -> tuple[Touched, int]:
        """As `Index.resumed`."""
        kept = load_waiting(self.folder / base.manifest.name, base)
        return kept or (Touched(since=Touched()), base.manifest.sequence)

    def narrow(self, view: View, query: Query, encode: Encoder) -> tuple[View, Query, Encoder]:
        """As `Index.narrow`: every post is at hand."""
        return view, query, encode

    def whole(self, name: str) -> FolderIndex:
        """As `Index.whole`."""
        return self

    def publish(self, store: Store, making: Making, *, keep: int, progress: Progress) -> Ties:
        """As `Index.publish`."""
        # Who asks never builds, and building loads scipy and what it needs for communities.
        from expertfinder.index.build import build  # noqa: PLC0415
        from expertfinder.index.fresh.folding import fold  # noqa: PLC0415

        made = (fold if making.fold else build)(store, self.folder, making, progress=progress)
        prune(self.folder, keep=keep)
        return arrays.load(Ties, made / "ties")

    def forget(self, store: Store, making: Making, *, progress: Progress) -> None:
        """As `Index.forget`."""
        # What is gone leaves every column and table of a fold, and the text engine's index is then written anew.
        self.publish(store, replace(making, fold=True), keep=1, progress=progress)
        store.scrub()

    def close(self) -> None:
        """Nothing is held open."""
