"""The files of an index that a server holds: downloaded, and verified before anything is made of them."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TypeVar

from expertfinder.errors import FormatNotSupported
from expertfinder.index.folder import FolderIndex
from expertfinder.index.home import Superseded
from expertfinder.index.published import prune, publish, unsealed, verify
from expertfinder.store.index_server import IndexServer, Publication

T = TypeVar("T")

log = logging.getLogger("expertfinder.index")


class ServerFiles:
    """Fetches files of the published index. Safe to share between threads."""

    def __init__(self, server: IndexServer) -> None:
        self._server = server
        self._whole: tuple[tempfile.TemporaryDirectory[str], FolderIndex] | None = None
        self._fetching = Lock()

    def close(self) -> None:
        """Remove what was fetched."""
        if self._whole is not None:
            self._whole[0].cleanup()

    def download(self, of: Publication, folder: Path, *, without: Sequence[str] = ()) -> None:
        """Write the files of an index into a folder, but for those whose names begin with one of `without`.

        Raises `Superseded`, and `FormatNotSupported` where one is not as it was published.
        """
        for name, body in still(self._server.files(of, without=without)).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(body)
        verify(of.snapshot, folder, unsealed(folder)["files"], without=without)

    def whole(self, name: str) -> FolderIndex:
        """All files of the index with this name, in a folder; of the one fetched before where that cannot be had.

        Raises `FormatNotSupported` where none was fetched before.
        """
        with self._fetching:
            if self._whole is None:
                place = tempfile.TemporaryDirectory(prefix="expertfinder-whole-")
                (Path(place.name) / "secret").write_bytes(self._server.secret())
                self._whole = (place, FolderIndex(Path(place.name)))
            files = self._whole[1]
            if files.current() != name:
                files.folder.mkdir(exist_ok=True)
                try:
                    self._fetch(files)
                except Superseded:
                    pass
                except FormatNotSupported as error:
                    if files.current() is None:
                        raise
                    log.error("what was fetched before answers once more: %s", error.detail)
                prune(files.folder, keep=1)
            return files

    def _fetch(self, files: FolderIndex) -> None:
        now = self._server.published()
        if now is None:
            raise Superseded
        made = files.folder / now.snapshot
        try:
            self.download(now, made)
        except Exception:
            shutil.rmtree(made, ignore_errors=True)
            raise
        publish(files.folder, now.snapshot)
        files.whole_name = now.snapshot


def still(found: T | None) -> T:
    """What a server found. Raises `Superseded` where it found nothing, because another index took the place."""
    if found is None:
        raise Superseded
    return found
