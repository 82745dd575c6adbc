"""The small example of each source: `examples/GROUP/NAME` (a folder) or `examples/GROUP/NAME.*`, written here."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from expertfinder.model import Source
from expertfinder.sources import Reader, declared
from expertfinder.sources.formats import format_named, format_names, opened

EXAMPLES = Path(__file__).with_name("examples")
SHOP = declared("shop", audience="organisation")
MACHINERY = frozenset({"toy"})
"""Sources that a test brings."""


def ours() -> list[str]:
    """The names of our formats."""
    return [name for name in format_names() if name not in MACHINERY]


def example(name: str) -> Path:
    """The example of a source. `AssertionError` for a source without one."""
    found = [path for path in EXAMPLES.glob("*/*") if path.name == name or path.name.partition(".")[0] == name]
    assert len(found) == 1, f"a source needs one example, tests/sources/examples/GROUP/{name}: {found}"
    return found[0]


def files_of(path: Path) -> dict[str, bytes]:
    """The files of an example by name; of a single file by its own name."""
    if path.is_file():
        return {path.name: path.read_bytes()}
    files = sorted(each for each in path.rglob("*") if each.is_file())
    return {str(each.relative_to(path)): each.read_bytes() for each in files}


def written(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files into a folder that is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def reader_of(name: str, source: Source = SHOP, **options: str) -> Callable[[Path], Reader]:
    """What opens an export of a source by its name."""
    found = format_named(name)
    return lambda path: opened(found, path, source, options)
