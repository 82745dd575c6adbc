"""The formats that can be read: ours, and those that other packages bring by the entry point `expertfinder.sources`.

To add a source is one file of a package of one's own, and none of ours:

    # acme_expertfinder.py
    FORMAT = Format(name="acme", summary="Tickets of Acme", open=AcmeReader, keys=("email",), place="queue")

    # its pyproject.toml
    [project.entry-points."expertfinder.sources"]
    acme = "acme_expertfinder:FORMAT"

Then `expertfinder ingest from acme PATH --source tickets` reads it, as any import is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.model import Source
from expertfinder.sources.reader import Reader

GROUP: Final = "expertfinder.sources"
"""The group of entry points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of source: how it is opened, and what it says of itself."""

    name: str
    """The word after `expertfinder ingest from`."""
    summary: str
    """What it reads, in a line."""
    open: Callable[[Path, Source, Mapping[str, str]], Reader]
    """Makes the reader of a path, for a source, with the options that were given. Raises `SourceError`."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Name of an option -> what it does."""
    keys: tuple[str, ...] = ()
    """Kinds of account keys that its records of people have (`email`, `employee` ...)."""
    proves: tuple[str, ...] = ()
    """Those of them that it answers for, where the import does not say it."""
    audiences: bool = False
    """Whether its records say themselves who may read them; otherwise the import says it for all."""
    machines: bool = False
    """Whether it knows which accounts are machines; otherwise the lists decide (`graph/machines.toml`)."""
    withdraws: bool = False
    """Whether it tells what was deleted."""
    place: str = ""
    """What the place of a post is (`Post.community`): a channel, a folder, a space. Empty: it knows none."""


def formats() -> dict[str, Format]:
    """The formats that other packages bring, by name. Raises `SourceError` for one that cannot be used."""
    found: dict[str, Format] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        if point.name in found:
            raise SourceError(f"two packages bring a source {point.name!r}: uninstall one", field=point.value)
        found[point.name] = _loaded(point)
    return found


def format_named(name: str) -> Format:
    """The format with a name. Raises `SourceError` naming those that there are."""
    found = formats()
    if name not in found:
        there = ", ".join(found) or "none is installed"
        raise SourceError(f"no package brings a source {name!r} ({GROUP}): {there}", field="name")
    return found[name]


def _loaded(point: EntryPoint) -> Format:
    try:
        made = point.load()
    except (ImportError, AttributeError) as error:
        raise SourceError(f"the source {point.name!r} cannot be loaded: {error}", field=point.value) from error
    if not isinstance(made, Format):
        raise SourceError(f"the source {point.name!r} is no expertfinder.sources.Format", field=point.value)
    return made


def opened(format: Format, path: Path, source: Source, options: Mapping[str, str]) -> Reader:
    """The reader of a path. Raises `SourceError` for an option that the format does not know."""
    unknown = sorted(options.keys() - format.options.keys())
    if unknown:
        known = ", ".join(format.options) or "it has none"
        raise SourceError(f"{format.name} has no option {unknown[0]!r}: {known}", field=unknown[0])
    return format.open(path, source, options)
