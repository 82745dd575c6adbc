"""The formats that can be read, by name: ours, and those of other packages (entry point `expertfinder.sources`).

One of ours is one module of `sources/talk/`, `sources/work/` or `sources/people/` with a `FORMAT`: the name of the
module is that of the format (`viva_engage.py` is `viva-engage`), and nothing else has to be touched. Another
package adds a source with one file of its own, and no change of ours:

    # acme_expertfinder.py
    FORMAT = Format(name="acme", summary="Tickets of Acme", open=AcmeReader, keys=("email",), place="queue")

    # its pyproject.toml
    [project.entry-points."expertfinder.sources"]
    acme = "acme_expertfinder:FORMAT"

Then `expertfinder ingest acme PATH --source tickets` reads it, as any import is. `AcmeReader` is most easily an
`ExportReader` (`sources/exports/reader.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.model import Source
from expertfinder.sources.reader import Reader

GROUP: Final = "expertfinder.sources"
"""The group of entry points."""
GROUPS: Final = ("talk", "work", "people")
"""The folders beside this file whose modules are our formats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of source: how it is opened, and what it says of itself."""

    name: str
    """The word after `expertfinder ingest`."""
    summary: str
    """What the format reads, in a line."""
    open: Callable[[Path, Source, Mapping[str, str]], Reader]
    """Makes the reader of a path, for a source, with the options that were given. Raises `SourceError`."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Name of an option -> what it does. At the prompt it is `--NAME VALUE`."""
    flags: tuple[str, ...] = ()
    """Those of the options that take no value."""
    keys: tuple[str, ...] = ()
    """Kinds of account keys that its records of people have (`email`, `employee` ...)."""
    proves: tuple[str, ...] = ()
    """Those of the `keys` that the source proves, unless the import says otherwise."""
    audiences: bool = False
    """Whether its records say themselves who may read them; otherwise the import says it for all."""
    machines: bool = False
    """Whether its records say which accounts are machines; otherwise the lists decide (`graph/machines.toml`)."""
    withdraws: bool = False
    """Whether its exports say what was deleted."""
    place: str = ""
    """What the place of a post is (`Post.community`): a channel, a folder, a space. Empty: posts have no place."""


@cache
def _ours() -> dict[str, str]:
    """Name of each format of ours -> its module, which is not imported."""
    here = Path(__file__).parent
    found = ((group, path.stem) for group in GROUPS for path in sorted((here / group).glob("[!_]*.py")))
    return {stem.replace("_", "-"): f"expertfinder.sources.{group}.{stem}" for group, stem in found}


def _theirs() -> dict[str, EntryPoint]:
    """Name of each format of another package -> where it is. Raises `SourceError` where a name is taken."""
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        if point.name in found:
            raise SourceError(f"two packages bring a source {point.name!r}: uninstall one", field=point.value)
        if point.name in _ours():
            raise SourceError(f"a package brings a source {point.name!r}, which is one of ours", field=point.value)
        found[point.name] = point
    return found


def format_names() -> list[str]:
    """The names of all formats: ours, and those of other packages; each part in order."""
    return [*sorted(_ours()), *_theirs()]


def formats() -> dict[str, Format]:
    """All formats, by name. Raises `SourceError` for one of another package that cannot be used."""
    return {name: format_named(name) for name in format_names()}


def format_named(name: str) -> Format:
    """The format with a name. Raises a `SourceError` with the names of all formats."""
    module = _ours().get(name)
    if module is not None:
        found = import_module(module).FORMAT
        assert isinstance(found, Format)
        return found
    theirs = _theirs()
    if name not in theirs:
        there = ", ".join(format_names()) or "none"
        raise SourceError(f"there is no source {name!r} (ours, or a package's by {GROUP}): {there}", field="name")
    return _loaded(theirs[name])


def _loaded(point: EntryPoint) -> Format:
    try:
        made = point.load()
    except (ImportError, AttributeError) as error:
        raise SourceError(f"the source {point.name!r} cannot be loaded: {error}", field=point.value) from error
    if not isinstance(made, Format):
        raise SourceError(f"the source {point.name!r} is no expertfinder.sources.Format", field=point.value)
    return made


def opened(format: Format, path: Path, source: Source, options: Mapping[str, str], *, skip: int = 0) -> Reader:
    """The reader of a path. `skip`: how many records that cannot be read may be left out.

    Raises `SourceError` for an option that the format does not know, and for a `skip` that its reader cannot do.
    """
    unknown = sorted(options.keys() - format.options.keys())
    if unknown:
        known = ", ".join(format.options) or "it has none"
        raise SourceError(f"{format.name} has no option {unknown[0]!r}: {known}", field=unknown[0])
    reader = format.open(path, source, options)
    if skip:
        if not hasattr(reader, "skip"):
            raise SourceError(f"{format.name} cannot leave out what cannot be read", field="skip-unreadable")
        reader.skip = skip
    return reader
