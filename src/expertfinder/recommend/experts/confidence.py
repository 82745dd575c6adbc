"""How sure an answer is, and when "nobody" is the better one.

Two quantities decide, neither of which depends on how many people there are:

- *grounds*: do the posts speak about the question at all? Half the sum of the fifth-best cosine and of the mean cosine
  of the ten best posts by words, times how much of the question's words the organisation knows at all, plus a share of
  how near the best post comes to holding every word. Below a floor nobody is named.
- *lead*: how far the first stands before the fourth, divided by the number of different people whom text, meaning and
  profiles would each put first. Right answers are those where few people stand out and the parts agree on them.

The thresholds were set on some sets and tested on others; what each word has meant there stands in `docs/ranking.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expertfinder.index.access import View
from expertfinder.model import Confidence
from expertfinder.recommend.experts.parts import PARTS
from expertfinder.recommend.experts.scored import Scored

FLOOR = 0.385
"""Grounds below this: nobody is named."""
HIGH, MEDIUM = 0.21, 0.08
"""Lead times grounds from which an answer is `high`, and `medium`."""
NEAR_THE_FIRST = 0.5
"""Share of the first one's score from which on the answer's word holds for the second and the third, too."""
AGREEING = frozenset(part.name for part in PARTS if part.agrees)
"""Parts that have a first person of their own to agree on."""
KNOWN_ENOUGH = 0.6
"""Share of a question's words (by idf) that must be known for the posts to speak in full."""
SILENT = 0.2
"""Share of a question's words that are known, below which meaning alone decides."""
MEANT = 0.95
"""What the mean of the best and the fifth-best cosine counts where meaning alone decides."""
MOSTLY = 0.5
"""Share of the nearest posts in another language from which on meaning alone decides, and share of the question that
the encoder must then understand."""
ALL = 0.95
"""Share of a question's words (by idf) in one post that is as good as all."""
FEW, FEW_SHARE = 20.0, 0.05
"""Posts that have the rarest word of such a question, at most, and their share of all."""
LOOKED_AT = 5
"""Posts, best by words, of which one may have all."""

NOTHING = "Nobody here has written or done anything near this question that you may read."
TOO_LITTLE = (
    "There is not enough evidence here to name anybody for this question. Ask it in other words, or more narrowly; "
    "if the subject is new here, whoever answers it first will be found the next time."
)


@dataclass(frozen=True, slots=True)
class Sureness:
    """The word for the answer as a whole, or why there is none."""

    answer: Confidence
    grounds: float
    lead: float
    abstained: str | None = None

    def of(self, place: int, share: float) -> Confidence:
        """The word for the person at a place (from 0) with a share of the first one's score.

        The answer's for the first three who come near the first; one lower for the others.
        """
        if (place < 3 and share >= NEAR_THE_FIRST) or self.answer is Confidence.LOW:
            return self.answer
        return Confidence.MEDIUM if self.answer is Confidence.HIGH else Confidence.LOW


def grounds(view: View, scored: Scored) -> float:
    """How much the posts speak about the question, about 0 to 1."""
    words, found = scored.words, scored.candidates
    if not len(found.posts) or words.ideal <= 0:
        return 0.0
    known = words.known(view.snapshot.statistics.frequency)
    # What only a restricted or a fresh post knows is known to who may read that post.
    for number in found.posts[found.posts >= len(view.snapshot.shared)].tolist():
        known |= _said(view, scored, number)
    share = float(words.weights[known].sum()) / words.ideal
    cosine = np.sort(found.cosine)[::-1]
    fifth = float(cosine[min(4, len(cosine) - 1)])  # the last one where an organisation has fewer
    gathered = scored.basis.gathered
    topic = gathered.reading.topic
    if topic is None and (share < SILENT or scored.basis.abroad > MOSTLY):
        return MEANT * (float(cosine[0]) + fifth) / 2 if gathered.understood >= MOSTLY else 0.0
    by_words = found.cosine[:10][found.bm25[:10] > 0]
    top = float(by_words.mean()) if len(by_words) else 0.0
    best = float(found.bm25[0]) / words.ideal
    ground = (fifth + top) / 2 * min(1.0, share / KNOWN_ENOUGH) + 0.3 * min(best, 0.5)
    return max(ground, FLOOR) if topic is not None or _in_one_post(view, scored) else ground


def _said(view: View, scored: Scored, number: int) -> np.ndarray:
    """bool [words of the question]: whether a post has a form of each."""
    segment, row = view.snapshot.tiers.place(number)
    there = np.isin(scored.words.rows, segment.terms[segment.term_indptr[row] : segment.term_indptr[row + 1]])
    return np.bincount(scored.words.word, there, minlength=len(scored.words.counts)) > 0


def _in_one_post(view: View, scored: Scored) -> bool:
    """Whether one post has all that is asked for, and not many have: then it need not be near in meaning, too.

    An encoder does not know each name and abbreviation that an organisation has.
    """
    words, statistics = scored.words, view.snapshot.statistics
    rarest = float(words.weights.max() / words.counts[words.weights.argmax()])
    if rarest < float(statistics.rarity(np.array([max(FEW, FEW_SHARE * statistics.posts)]))[0]):
        return False
    for number in scored.candidates.posts[:LOOKED_AT].tolist():
        if float(words.weights[_said(view, scored, number)].sum()) >= ALL * words.ideal:
            return True
    return False


def assess(view: View, scored: Scored, order: np.ndarray) -> Sureness:
    """Judge an answer. `order`: rows of people, best first."""
    if not len(order):
        return Sureness(Confidence.LOW, 0.0, 0.0, NOTHING)
    ground = grounds(view, scored)
    first = float(scored.totals[order[0]])
    fourth = float(scored.totals[order[3]]) if len(order) > 3 else 0.0
    parts = [entry.value for entry in scored.ledger.entries if entry.part in AGREEING]
    opinions = {_foremost(view, value) for value in parts if value.max(initial=0.0) > 0}
    lead = (first - fourth) / first / max(len(opinions), 1)
    word = (
        Confidence.HIGH if lead * ground >= HIGH else Confidence.MEDIUM if lead * ground >= MEDIUM else Confidence.LOW
    )
    return Sureness(word, ground, lead, TOO_LITTLE if ground < FLOOR else None)


def _foremost(view: View, value: np.ndarray) -> int:
    """The row of the person with the largest value, of equals the first by id: rows tell of people one may not find."""
    rows = np.flatnonzero(value == value.max())
    return int(rows[np.argmin(view.by_id[rows])])
