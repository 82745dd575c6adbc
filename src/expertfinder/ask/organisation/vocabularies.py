"""The organisation's own vocabularies as an operator changes them from outside: listed, put in place, taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import NotFound
from expertfinder.ingest.concepts import read_vocabulary
from expertfinder.ingest.vocabularies import From, Imported, put_vocabulary, remove_vocabulary
from expertfinder.store.statements.concepts import ConceptScheme

ENDINGS: Final[Mapping[str, str]] = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/turtle": ".ttl",
    "application/rdf+xml": ".rdf",
}
"""Media type -> how the name of such a file ends, which is what a reader goes by."""


def vocabularies(finder: ExpertFinder) -> list[ConceptScheme]:
    """All that are kept, by name. Whoever calls this has seen to it that the caller may see them."""
    return sorted(finder.store.statements(ConceptScheme), key=lambda one: one.name)


def replaced(finder: ExpertFinder, body: bytes, source: From) -> Imported:
    """Keep what a file says as the vocabulary of a name. Raises `SourceError` and `InvalidQuestion`; then all stays."""
    return put_vocabulary(finder.store, read_vocabulary(source.file, body, language=source.language), source)


def taken_out(finder: ExpertFinder, name: str, *, by: str) -> bool:
    """Take a vocabulary out. Whether there was one of this name."""
    try:
        remove_vocabulary(finder.store, name, by=by)
    except NotFound:
        return False
    return True
