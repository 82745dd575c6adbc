"""What a server promises that holds a published index (decision 0012). Neo4j is the one: `neo4j/index.py`.

To the server a post, a word and a person are records of bytes and lists; `index/server/packing.py` knows what they
mean. A new index is written as a whole beside the one that answers, and then published in one step. Every read names
the publication that it asks, and gives `None` once another publication has taken its place.

Errors: `StoreUnavailable` when the server cannot be reached just now, `StoreError` for anything else it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, Protocol

TierName = Literal["shared", "restricted"]
TIERS: Final[tuple[TierName, TierName]] = ("shared", "restricted")
COLUMNS: Final = ("row", "about", "labels", "terms", "vector", "acts", "tags")
"""What is read of a post, in the order in which it is given."""

Rows = list[list[Any]]
"""A list for each column of what was asked for."""


class Publication(NamedTuple):
    """Which index is published, and where in the server it is."""

    slot: str
    snapshot: str
    """The name of the index that is published."""


class Hits(NamedTuple):
    """Shared posts that a question may be about."""

    score: list[float]
    """The server's score by words; -1 for a post that was found by its vector alone."""
    rows: Rows
    """A list for each of `COLUMNS`, in that order."""


class IndexServer(Protocol):
    """The published index of one organisation. Every method may be called from any thread."""

    def published(self) -> Publication | None:
        """What is published now; `None` where nothing is. Cheap: it is asked with every look for new facts."""
        ...

    def secret(self) -> bytes:
        """32 bytes that only this organisation's server knows, made once: what versions are keyed with."""
        ...

    def begin(self) -> str:
        """Empty the slot that nobody reads, and return it. Raises `StoreUnavailable` while somebody else publishes."""
        ...

    def write_posts(self, slot: str, tier: TierName, posts: Sequence[Mapping[str, Any]]) -> None:
        """Add posts: `COLUMNS`, `id`, `parent`, `wording` (or none), `words`, `audience`, `reader`, `embedding` (a
        list, or none)."""
        ...

    def write_words(self, slot: str, words: Sequence[Mapping[str, Any]]) -> None:
        """Add words: `word`, `row`, `people`, `counts`."""
        ...

    def write_people(self, slot: str, people: Sequence[Mapping[str, Any]]) -> None:
        """Add people: `row`, and the rows of the posts that they wrote or acted on, by tier: `shared`, `restricted`."""
        ...

    def write_files(self, slot: str, files: Iterable[tuple[str, bytes]]) -> None:
        """Add files by name."""
        ...

    def finish(self, publication: Publication, *, dimension: int, progress: Callable[[int, int], None]) -> None:
        """Make the server's own indexes over a slot, wait for them, and publish it."""
        ...

    def retire(self) -> None:
        """Delete the index that is not published any more. A reader who still asks it gets `None`, and looks again."""
        ...

    def overwrite(self) -> None:
        """Have the next `Store.scrub` overwrite the space of what was retired."""
        ...

    def hits(
        self, of: Publication, *, words: Mapping[str, float], limit: int, vector: list[float], nearest: int
    ) -> Hits | None:
        """Shared posts for a question, each once: the best `limit` by words, the `nearest` by the vector.

        `words`: word -> how often the question has it. An empty mapping finds nothing by words, and a vector of zeros
        nothing by the vector.
        """
        ...

    def restricted(
        self, of: Publication, *, words: Mapping[str, float], audiences: Sequence[int], limit: int
    ) -> Rows | None:
        """Restricted posts of these audiences with some of the words: at most `limit`, largest sum of `words` first.

        `words`: word -> what it is worth. Posts of other audiences have no influence on which posts are given.
        """
        ...

    def posts(self, of: Publication, tier: TierName, by: str, values: Sequence[Any]) -> Rows | None:
        """The posts of a tier whose property (`row`, `id`, `parent`, `wording` or `audience`) is among `values`:
        `COLUMNS`."""
        ...

    def ids(self, of: Publication, tier: TierName) -> list[str] | None:
        """The ids of all posts of a tier."""
        ...

    def words(self, of: Publication, by: str, values: Sequence[Any]) -> Rows | None:
        """Words, looked up by text (`by` is `word`) or by row (`row`): columns of words, rows, people, counts."""
        ...

    def word_rows(self, of: Publication, words: Sequence[str]) -> dict[str, int] | None:
        """The rows of those of the words that the index has."""
        ...

    def people(self, of: Publication, rows: Sequence[int]) -> Rows | None:
        """For people by their rows two columns: the rows of their shared posts, and of their restricted posts."""
        ...

    def files(self, of: Publication, *, without: Sequence[str] = ()) -> dict[str, bytes] | None:
        """The files whose names begin with none of `without`, by name."""
        ...

    def close(self) -> None:
        """Close the connections to the server."""
        ...
