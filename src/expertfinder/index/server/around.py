"""What a change since the publication of a served index has to do with, fetched from the server, each post once."""

from __future__ import annotations

from dataclasses import dataclass, field

from expertfinder.index.posts.segment import Segment, joined
from expertfinder.index.server.files import still
from expertfinder.index.server.packing import unpacked
from expertfinder.store.index_server import TIERS, Rows, TierName


@dataclass(slots=True)
class Around:
    """Posts of a published index that changes since have to do with, by tier; kept, so that each is fetched once."""

    dimension: int
    """Of vectors."""
    segments: dict[TierName, Segment] = field(default_factory=dict)
    rows: dict[TierName, set[int]] = field(default_factory=lambda: {tier: set() for tier in TIERS})
    words: set[int] = field(default_factory=lambda: {0})
    """Wordings of which all posts are fetched, with all that their authors did; 0 stands for none."""
    told: set[int] = field(default_factory=lambda: {0})
    """Wordings of which all posts are fetched."""

    def keep(self, tier: TierName, found: Rows | None) -> None:
        """Add those that are new among what the server answered."""
        rows = still(found)
        new = [place for place, row in enumerate(rows[0]) if row not in self.rows[tier]]
        if new:
            part = unpacked([[column[place] for place in new] for column in rows], self.dimension)
            old = self.segments.get(tier)
            self.segments[tier] = part if old is None else joined([old, part])
            self.rows[tier].update(rows[0][place] for place in new)
