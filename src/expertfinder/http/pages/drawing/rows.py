"""The rows of an answer: for each person one concrete sentence with the best evidence, and the reasons behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from expertfinder.ask.quoting import same_title
from expertfinder.http.pages import wording
from expertfinder.http.pages.drawing import charts
from expertfinder.model import Citation, Person, Ranking, Recommendation

EVIDENCE_SHOWN = 4
"""Posts under one name; the API has all of them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A post behind a recommendation, and how many more of the same title there are."""

    citation: Citation
    alike: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One person of an answer, as it is shown."""

    person: Person
    one: Recommendation
    rank: int
    lead: Citation | None
    """The strongest post that leads no row above, else the strongest; `None` where no post stands behind the person."""
    without: int
    """The rank of the person without the post `lead`, where that is below everybody who is shown; else 0."""
    badge: wording.Badge
    evidence: tuple[Evidence, ...]
    said: tuple[str, ...]
    """Sentences of the reasons that not more than half of the people have in common."""
    waterfall: charts.Waterfall


def rows_of(ranking: Ranking, people: Mapping[str, Person]) -> list[Row]:
    """The rows of an answer, best first. `people`: id -> person; whoever is not in it may not be shown any more."""
    shown = [one for one in ranking.recommendations if one.subject in people]
    most = max((one.score for one in shown), default=0.0)
    common = _common(shown)
    leading: set[str] = set()
    rows: list[Row] = []
    for rank, one in enumerate(shown, 1):
        strongest = _strongest(one)
        lead = next((cited for cited in strongest if cited.post not in leading), next(iter(strongest), None))
        leading |= {lead.post} if lead else set()
        person = people[one.subject]
        rows.append(
            Row(
                person=person,
                one=one,
                rank=rank,
                lead=lead,
                without=lead.rank_without if lead and lead.rank_without > len(shown) else 0,
                badge=wording.badge(one),
                evidence=_grouped(strongest),
                said=tuple(reason.text for reason in one.reasons if reason.text and reason.text not in common),
                waterfall=charts.waterfall(one.reasons, most=most),
            )
        )
    return rows


def _common(shown: Sequence[Recommendation]) -> frozenset[str]:
    """Sentences that more than half of the people have: such a sentence does not tell one person from another."""
    said = Counter(text for one in shown for text in {reason.text for reason in one.reasons if reason.text})
    return frozenset(text for text, count in said.items() if count > 1 and count > len(shown) / 2)


def _strongest(recommendation: Recommendation) -> list[Citation]:
    """The posts that add most to a score, all parts taken together: a post counts in several, and is shown once."""
    total: defaultdict[str, float] = defaultdict(float)
    cited: dict[str, Citation] = {}
    for reason in recommendation.reasons:
        for citation in reason.citations:
            total[citation.post] += citation.contribution
            cited.setdefault(citation.post, citation)
    return sorted(cited.values(), key=lambda citation: (-total[citation.post], citation.post))


def _grouped(strongest: Sequence[Citation]) -> tuple[Evidence, ...]:
    """Posts of one title are shown once, with how many more there are."""
    titles = Counter(map(same_title, strongest))
    first: dict[str, Citation] = {}
    for citation in strongest:
        first.setdefault(same_title(citation), citation)
    return tuple(Evidence(citation, titles[same] - 1) for same, citation in list(first.items())[:EVIDENCE_SHOWN])
