"""Records of arrays, sparse matrices and lists that are written to a folder and mapped back read-only, by several
processes at once."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import orjson

from expertfinder.index import sparse as sp

T = TypeVar("T")
ALONE = 1 << 18
"""Multiplications up to which OpenBLAS, which numpy comes with, takes one thread (`GEMM_MULTITHREAD_THRESHOLD`)."""
GIVEN_BACK = 1 << 17
"""Bytes of an array from which on its memory goes back to the system when it is freed: what glibc begins with, and
raises when the first larger one is freed. The columns of a lot of posts have 176 kB and more."""
_MMAP_THRESHOLD = -3
"""`M_MMAP_THRESHOLD` of glibc's `mallopt`."""
MATRIX = ("data", "indices", "indptr")
"""The arrays of a matrix in compressed rows, in the order in which scipy takes them."""


def save(record: Any, folder: Path) -> None:
    """Write every field of a dataclass: arrays as `.npy`, matrices as three, everything else as `.json`.

    The folder is made.
    """
    folder.mkdir(parents=True)
    for entry in fields(record):
        value = getattr(record, entry.name)
        if isinstance(value, np.ndarray):
            np.save(folder / f"{entry.name}.npy", value, allow_pickle=False)
        elif sp.is_csr(value):
            value.sort_indices()
            (folder / f"{entry.name}.shape.json").write_bytes(orjson.dumps(value.shape))
            for part in MATRIX:
                np.save(folder / f"{entry.name}.{part}.npy", getattr(value, part), allow_pickle=False)
        else:
            (folder / f"{entry.name}.json").write_bytes(orjson.dumps(value))


def load(kind: type[T], folder: Path) -> T:
    """Read back what `save` wrote; arrays are memory-mapped, never unpickled."""
    return later(kind, folder)()


def later(kind: type[T], folder: Path) -> Callable[[], T]:
    """As `load`, but the record is made when it is first asked for, and the same one is given after that.

    Files are read or mapped at once: what is missing is an error here, and a folder that is removed afterwards takes
    nothing away. Only the matrices wait, because scipy takes long to load.
    """
    values: dict[str, Any] = {}
    for entry in fields(kind):  # type: ignore[arg-type]
        array, shape = folder / f"{entry.name}.npy", folder / f"{entry.name}.shape.json"
        if array.exists():
            values[entry.name] = mapped(array)
        elif shape.exists():
            data, indices, indptr = (mapped(folder / f"{entry.name}.{part}.npy") for part in MATRIX)
            values[entry.name] = _Rows(data, indices, indptr, tuple(orjson.loads(shape.read_bytes())))
        else:
            values[entry.name] = orjson.loads((folder / f"{entry.name}.json").read_bytes())

    @cache
    def made() -> T:
        return kind(**{name: v.matrix() if isinstance(v, _Rows) else v for name, v in values.items()})

    return made


@dataclass(frozen=True, slots=True)
class _Rows:
    """A matrix in compressed rows, before it is one."""

    data: np.ndarray
    indices: np.ndarray
    indptr: np.ndarray
    shape: tuple[int, int]

    def matrix(self) -> sp.csr_matrix:
        return sp.csr_matrix((self.data, self.indices, self.indptr), shape=self.shape, copy=False)


def mapped(path: Path) -> np.ndarray:
    """An array in its file, read where it is asked for."""
    found = np.load(path, mmap_mode="r", allow_pickle=False)
    return found.view(np.ndarray) if found.size else np.array(found)


def gather(indptr: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the entries of the chosen rows of a ragged array, and which chosen row each belongs to.

    `indptr` [n+1], `rows` [m] -> positions [k], owner [k] with values in 0..m-1, in the order of `rows`.
    """
    start, length = indptr[rows], indptr[rows + 1] - indptr[rows]
    ends = np.cumsum(length)
    total = int(ends[-1]) if len(ends) else 0
    owner = np.repeat(np.arange(len(rows)), length)
    positions = np.arange(total) + np.repeat(start - (ends - length), length)
    return positions, owner


def distinct(values: np.ndarray) -> np.ndarray:
    """Each value once, ascending; for some thousands of integers a tenth of the time of `np.unique`, which hashes."""
    ordered = np.sort(values)
    first = np.concatenate((np.ones(min(len(ordered), 1), bool), ordered[1:] != ordered[:-1]))
    return np.asarray(ordered[first])


def one_of(values: np.ndarray, some: np.ndarray) -> np.ndarray:
    """bool: which of some rows are among others. A row is at least 0, and one of `values` may be -1, which is none.

    By a table of all rows; `np.isin` loads masked arrays where it is asked first, a twentieth of a second.
    """
    table = np.zeros(max(int(values.max(initial=-1)), int(some.max(initial=-1))) + 2, bool)
    table[some] = True
    return np.asarray(table[values])


def ragged(lists: list[list[Any]], dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """A list of lists as indptr [n+1] and values."""
    indptr = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(entry) for entry in lists], out=indptr[1:])
    return indptr, np.array([value for entry in lists for value in entry], dtype)


def products(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """float32 [one, other]: all products of rows, a few rows at a time, which no BLAS gives to several threads: these
    wait for one another in loops, and that took a busy machine forty times the processor time of the products."""
    rows = max(ALONE // max(one.shape[1] * len(other), 1), 1)
    whole = len(one) // rows * rows
    parts = np.matmul(one[:whole].reshape(-1, rows, one.shape[1]), other.T).reshape(whole, len(other))
    return np.concatenate([parts, one[whole:] @ other.T]) if whole < len(one) else parts


def give_back() -> None:
    """Have the C library give the memory of large arrays back when they are freed, for as long as this process runs.

    Else glibc keeps what was read a lot at a time in pieces that no column of the whole fits into: a build of 10,000
    posts held 40 MB more at its end. What small pieces left free is given back at once: of 100,000 posts 92 MB. Other C
    libraries do it by themselves, or have no such setting.
    """
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if (set_option := getattr(library, "mallopt", None)) is not None:
        set_option(_MMAP_THRESHOLD, GIVEN_BACK)
    if (trim := getattr(library, "malloc_trim", None)) is not None:
        trim(0)


@contextmanager
def without_cycles() -> Iterator[None]:
    """While facts are read: nobody looks for objects that hold one another. They hold none, and to look through all of
    them again and again took a build an eighth of its time. Its peak is the same."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()
