"""How sure an answer is, and when "nobody" is the better one.

Two quantities decide, neither of which depends on how many people there are:

- *grounds*: do the posts speak about the question at all? Half the sum of the fifth-best cosine and of the mean cosine
  of the ten best posts by words, times how much of the question's words the organisation knows at all, plus a share of
  how near the best post comes to holding every word. Below a floor nobody is named.
- *lead*: how far the first stands before the fourth, divided by the number of different people whom text, meaning and
  profiles would each put first. Right answers are those where few people stand out and the parts agree on them.

A filter on people changes neither scale (decision 0030): grounds are at most those of the whole organisation, and the
first who passes leads by what stands between them and the fourth of the whole organisation. So a filter makes nothing
surer: who is first at a small site is not for that an expert.

The thresholds were set on some sets and tested on others; what each word has meant there stands in `docs/ranking.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expertfinder.index.access import View
from expertfinder.index.arrays import gather
from expertfinder.model import Confidence
from expertfinder.recommend.experts.own_evidence import AGREEING, BORNE_OUT, borne_out
from expertfinder.recommend.experts.scored import Scored
from expertfinder.recommend.named import how_sure
from expertfinder.recommend.sentences import Sentence

FLOOR = 0.385
"""Grounds below this: nobody is named."""
HIGH, MEDIUM = 0.21, 0.08
"""Lead times grounds from which an answer is `high`, and `medium`."""
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

NOTHING = Sentence("Nobody who could be named here has done anything near this question that you may read.")
TOO_LITTLE = Sentence(
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


def grounds(view: View, scored: Scored) -> float:
    """How much the posts speak about the question, about 0 to 1."""
    words, found = scored.words, scored.candidates
    if not len(found.posts) or words.ideal <= 0:
        return 0.0
    share = float(words.weights[_known(view, scored)].sum()) / words.ideal
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


def _known(view: View, scored: Scored) -> np.ndarray:
    """bool [words of the question]: whether somebody wrote a form of each, in a post that the viewer may read.

    Under a filter such a post is one of those near the question: what only posts have that are left out is not known.
    """
    words, found, query = scored.words, scored.candidates, scored.basis.gathered.query
    if query.filtered or query.of_some:
        return _said(view, scored, found.posts)
    # What only a restricted or a fresh post knows is known to who may read that post.
    beside = found.posts[found.posts >= len(view.snapshot.shared)]
    return np.asarray(words.known(view.snapshot.statistics.frequency) | _said(view, scored, beside))


def _said(view: View, scored: Scored, numbers: np.ndarray) -> np.ndarray:
    """bool [words of the question]: whether one of some posts has a form of each."""
    tiers = view.snapshot.tiers
    there = np.zeros(len(scored.words.rows), bool)
    for segment, (_, rows) in zip(tiers.segments, tiers.split(numbers), strict=True):
        positions, _ = gather(segment.term_indptr, rows)
        there |= np.isin(scored.words.rows, segment.terms[positions])
    return np.asarray(np.bincount(scored.words.word, there, minlength=len(scored.words.counts)) > 0)


def _in_one_post(view: View, scored: Scored) -> bool:
    """Whether one post has all that is asked for, and not many have: then it need not be near in meaning, too.

    An encoder does not know each name and abbreviation that an organisation has.
    """
    words, statistics = scored.words, view.snapshot.statistics
    rarest = float(words.weights.max() / words.counts[words.weights.argmax()])
    if rarest < float(statistics.rarity(np.array([max(FEW, FEW_SHARE * statistics.posts)]))[0]):
        return False
    for place in range(min(LOOKED_AT, len(scored.candidates.posts))):
        post = scored.candidates.posts[place : place + 1]
        if float(words.weights[_said(view, scored, post)].sum()) >= ALL * words.ideal:
            return True
    return False


def assess(view: View, scored: Scored, order: np.ndarray) -> Sureness:
    """Judge an answer. `order`: rows of people, best first."""
    if not len(order):
        return Sureness(Confidence.LOW, 0.0, 0.0, NOTHING)
    first = int(order[0])
    lead = _lead(view, scored, order, person=first)
    return _sureness(grounds(view, scored), lead, borne_out(scored, first))


def assess_among(scored: Scored, order: np.ndarray, *, whole: Scored, whole_order: np.ndarray, most: float) -> Sureness:
    """Judge an answer under filters on people by where its first one stands in the whole organisation.

    `whole`, `whole_order`: scores and order of the same question without these filters; `most`: the grounds then.
    """
    if not len(order):
        return Sureness(Confidence.LOW, 0.0, 0.0, NOTHING)
    ground = min(grounds(scored.basis.view, scored), most)
    seen, first = whole.basis.view, int(order[0])
    lead = _lead(seen, whole, whole_order, person=first)
    return _sureness(ground, lead, borne_out(whole, first))


def _sureness(ground: float, lead: float, borne: float) -> Sureness:
    sure = lead * ground if borne >= BORNE_OUT else min(lead * ground, np.nextafter(HIGH, 0.0))
    return Sureness(how_sure(sure, high=HIGH, medium=MEDIUM), ground, lead, TOO_LITTLE if ground < FLOOR else None)


def _lead(view: View, scored: Scored, order: np.ndarray, *, person: int) -> float:
    """How far a person stands before the fourth of an order, over the first one's score and the number of opinions."""
    if not len(order):
        return 0.0
    first = float(scored.totals[order[0]])
    fourth = float(scored.totals[order[3]]) if len(order) > 3 else 0.0
    parts = [entry.value for entry in scored.ledger.entries if entry.part in AGREEING]
    opinions = {_foremost(view, value) for value in parts if value.max(initial=0.0) > 0}
    return (float(scored.totals[person]) - fourth) / first / max(len(opinions), 1)


def less_sure(one: Confidence, other: Confidence) -> Confidence:
    """The lower word of two."""
    return max(one, other, key=list(Confidence).index)


def _foremost(view: View, value: np.ndarray) -> int:
    """The row of the person with the largest value, of equals the first by id: rows tell of people one may not find."""
    rows = np.flatnonzero(value == value.max())
    return int(rows[np.argmin(view.by_id[rows])])
