"""An export as it lies on the disk: a folder, an archive (zip, tar, tar.gz) or a file, all read alike with bounds.

Nothing is ever unpacked onto the disk. What an archive may do to whoever opens it is refused with one clear error:
paths that lead out of it, entries under one name, a password, and more content than an archive of its size can have
unless somebody made it to do harm. Links are not followed and archives within it are not opened; both are counted.
"""

from __future__ import annotations

import os
import re
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from expertfinder.errors import SourceError
from expertfinder.sources.exports.tarred import Tarred, is_tarred

ENTRIES_LIMIT: Final = 1_000_000
"""Files of an export. A chat of 500 channels writes a file a channel and day, 180,000 a year; five years are fewer."""
TOTAL_LIMIT: Final = 100_000_000_000
"""Bytes of an export, unpacked: ten times the ten gigabytes that a large organisation's export has."""
RATIO_LIMIT: Final = 150
"""Bytes that one packed byte may become. JSON of chats packs 8 to 30 times; the method allows 1,032 at most."""
RATIO_FREE: Final = 10_000_000
"""Bytes that may be unpacked whatever the ratio: so few do no harm, and a small file of blanks packs very well."""
_OTHERS: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
"""What the programs that pack a folder add to it."""
_ARCHIVES: Final = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar", ".zst")
_BROKEN: Final = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    IndexError,
)
"""What the standard library raises for an archive that it cannot read; `RuntimeError` is for a password."""
_Place = Path | zipfile.ZipInfo | tarfile.TarInfo
"""Where the content of a file is."""
_Entry = tuple[str, str, _Place | None, bool, int]
"""An entry of an archive: its name; the name as the archive writes it; the place of its content, `None` for no file;
whether it is then known to be a folder; its bytes, unpacked."""
_DRIVE: Final = re.compile(r"[A-Za-z]:")

ARCHIVES: Final = "archives within the export, which are not opened"
"""How the report counts them."""
LINKS: Final = "links and devices within the export, which are not followed"
"""How the report counts them."""


class Tree:
    """The files of an export by their names, with `/` between folders (a context manager).

    A folder or archive that holds nothing but one folder is that folder. `left` counts what is there and not read, in
    words; `taken` is how many bytes were read so far, `size` how many there are, both unpacked.
    """

    def __init__(self, path: Path) -> None:
        """Raises `SourceError` for what is not there, is no readable archive, or breaks a bound."""
        self.path = path
        self.left: Counter[str] = Counter()
        self.taken = 0
        self._archive: zipfile.ZipFile | Tarred | None = None
        self._sizes: dict[str, int] = {}
        self._places: dict[str, _Place] = {}
        try:
            if path.is_dir():
                self._folder()
            elif not path.is_file():
                raise SourceError("there is no such file", file=str(path))
            elif zipfile.is_zipfile(path):
                self._open_archive(self._zipped())
            elif is_tarred(path):
                self._open_archive(self._tarred())
            else:
                self._places[path.name] = path
                self._sizes[path.name] = path.stat().st_size
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}", file=str(path)) from error
        except _BROKEN as error:
            self.close()
            raise self._refused(error, "") from None
        except SourceError:
            self.close()
            raise
        self.size = sum(self._sizes.values())
        if self.size > TOTAL_LIMIT:
            self.close()
            raise SourceError(f"it has more than {TOTAL_LIMIT:,} bytes, unpacked", file=str(path))
        self.names = tuple(sorted(self._places))
        """The files, in the order of their names."""

    def __enter__(self) -> Tree:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive."""
        if self._archive is not None:
            self._archive.close()

    @property
    def is_file(self) -> bool:
        """Whether the export is a single file that is no archive."""
        return self._archive is None and self.path.is_file()

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def size_of(self, name: str) -> int:
        """The bytes of a file, unpacked."""
        return self._sizes[name]

    def under(self, folder: str = "", *, ending: str = "") -> list[str]:
        """The files in a folder (`a/`) and below it whose names end in `ending` (in small letters), ordered by name."""
        return [name for name in self.names if name.startswith(folder) and name.lower().endswith(ending)]

    def named(self, name: str) -> str:
        """The path of a file, for errors: `ARCHIVE:FILE` for a file in an archive."""
        if self._archive is not None:
            return f"{self.path}:{name}"
        return str(self.path if self.is_file else self.path / name)

    def wanted(self, name: str, *, what: str) -> str:
        """The name, if the export has such a file. Raises a `SourceError` that names `what` and the files."""
        if name in self._places:
            return name
        there = ", ".join(self.names[:5]) + (", ..." if len(self.names) > 5 else "")
        packed = "; unpack the archive that is in it" if self.left[ARCHIVES] and len(self.names) < 5 else ""
        raise SourceError(f"{what} has a file {name!r}; here is {there or 'nothing'}{packed}", file=str(self.path))

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """The content of a file, to be read once from its beginning; errors of the archive are `SourceError`s."""
        place = self._places[name]
        try:
            if isinstance(place, Path):
                with place.open("rb") as file:
                    yield cast(BinaryIO, _Bounded(self, name, file, packed=None))
            elif isinstance(place, zipfile.ZipInfo):
                assert isinstance(self._archive, zipfile.ZipFile)
                with self._archive.open(place) as packed:
                    yield cast(BinaryIO, _Bounded(self, name, packed, packed=place.compress_size))
            else:  # all of it was unpacked once, within its bounds
                assert isinstance(self._archive, Tarred)
                with self._archive.open(place) as content:
                    yield cast(BinaryIO, _Bounded(self, name, content, packed=None))
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror or error}", file=self.named(name)) from error
        except _BROKEN as error:
            raise self._refused(error, name) from None

    def _refused(self, error: BaseException, name: str) -> SourceError:
        words = "it wants a password" if "password" in str(error) or "encrypted" in str(error) else str(error)[:200]
        return SourceError(f"this archive cannot be read: {words}", file=self.named(name) if name else str(self.path))

    # --- what there is -------------------------------------------------------------------------------------------

    def _folder(self) -> None:
        waiting = [(self.path, "")]
        while waiting:
            folder, above = waiting.pop()
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = f"{above}{entry.name}"
                    if _is_others(name) or not _is_text(name):
                        continue
                    if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
                        self.left[LINKS] += 1
                    elif entry.is_dir():
                        waiting.append((Path(entry.path), f"{name}/"))
                    else:
                        self._add(name, Path(entry.path), entry.stat().st_size)
        self._strip()

    def _zipped(self) -> Iterator[_Entry]:
        self._archive = archive = zipfile.ZipFile(self.path)
        for entry in archive.infolist():
            is_link = stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR)
            place = None if is_link or entry.is_dir() else entry
            yield entry.filename, entry.orig_filename, place, not is_link, entry.file_size

    def _tarred(self) -> Iterator[_Entry]:
        most = min(TOTAL_LIMIT, RATIO_FREE + RATIO_LIMIT * self.path.stat().st_size)
        self._archive = archive = Tarred(self.path, most)
        for entry in archive.entries():
            place = entry if entry.isreg() and not entry.issparse() else None
            yield entry.name.removeprefix("./"), entry.name, place, entry.isdir(), entry.size

    def _open_archive(self, entries: Iterator[_Entry]) -> None:
        for name, told, place, is_known, size in entries:
            if _is_others(name) or not _is_text(name):
                continue
            if reason := _leads_out(told):
                raise SourceError(f"this archive has an entry {name[:80]!r}, {reason}", file=str(self.path))
            if place is None:
                self.left[LINKS] += not is_known
                continue
            if name in self._places:
                raise SourceError(f"this archive has two entries {name[:80]!r}", file=str(self.path))
            self._add(name, place, size)
        # Entries may share their packed bytes: each alone is innocent, together they are more than the file can have.
        if (total := sum(self._sizes.values())) > RATIO_FREE + RATIO_LIMIT * self.path.stat().st_size:
            raise SourceError(_bomb(total), file=str(self.path))
        self._strip()

    def _add(self, name: str, place: _Place, size: int) -> None:
        if name.lower().endswith(_ARCHIVES):
            self.left[ARCHIVES] += 1
            return
        if len(self._places) >= ENTRIES_LIMIT:
            raise SourceError(f"it has more than {ENTRIES_LIMIT:,} files", file=str(self.path))
        self._places[name] = place
        self._sizes[name] = size

    def _strip(self) -> None:
        """Take a folder out of all names if everything lies in it."""
        first = next(iter(self._places), "")
        above = f"{first.partition('/')[0]}/"
        if "/" in first and all(name.startswith(above) for name in self._places):
            self._places = {name.removeprefix(above): place for name, place in self._places.items()}
            self._sizes = {name.removeprefix(above): size for name, size in self._sizes.items()}


class _Bounded(RawIOBase):
    """A file of an export that counts what is read of it and stops where that is more than its packed size can be."""

    def __init__(self, tree: Tree, name: str, file: IO[bytes], *, packed: int | None) -> None:
        super().__init__()
        self._tree = tree
        self._name = name
        self._file = file
        self._most = None if packed is None else RATIO_FREE + RATIO_LIMIT * packed
        self._read = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._counted(self._file.read(size))

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._counted(self._file.readline(-1 if size is None else size))

    def _counted(self, block: bytes) -> bytes:
        self._read += len(block)
        self._tree.taken += len(block)
        if self._most is not None and self._read > self._most:
            raise SourceError(_bomb(self._read), file=self._tree.named(self._name))
        return block


def _bomb(size: int) -> str:
    return f"it unpacks to {size:,} bytes and more, over {RATIO_LIMIT} times its size: no export packs so well"


def _is_others(name: str) -> bool:
    return name.startswith(_OTHERS[0]) or name.rpartition("/")[2] in _OTHERS[1:]


def _is_text(name: str) -> bool:
    """Whether a name can be written down; names on a disk are bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _leads_out(name: str) -> str:
    """Why the name of an entry is refused, in words; empty for one that stays inside."""
    if "\0" in name:
        return "whose name has a NUL"
    plain = name.replace("\\", "/")
    if plain.startswith("/") or _DRIVE.match(plain):
        return "which is an absolute path"
    return "which leads out of it" if ".." in plain.split("/") else ""
