"""How sure an answer is, and when it names nobody.

Two quantities decide, neither of which depends on how many people there are:

- *grounds*: do the posts speak about the question at all? Half the sum of the fifth-best cosine and of the mean cosine
  of the ten best posts by words, times how much of the question's words the organisation knows at all, plus a share of
  how near the best post comes to holding every word. Below a floor nobody is named.
- *lead*: how far the first stands before the fourth, divided by the number of different people whom text, meaning and
  profiles would each put first. Right answers are those where few people stand out and the parts agree on them; and
  the longer somebody has done nothing, the further they must stand out before an answer is `high`.

A filter on people changes neither scale (decision 0030): grounds are at most those of the whole organisation, and the
first who passes leads by what stands between them and the fourth of the whole organisation. So a filter makes nothing
surer: who is first at a small site is not for that an expert.

The thresholds were set on some sets and tested on others; what each word has meant there stands in `docs/ranking.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from expertfinder.model import Confidence
from expertfinder.recommend.experts.basis import Basis
from expertfinder.recommend.experts.scored import BORNE_OUT, Scored
from expertfinder.recommend.named import how_sure
from expertfinder.recommend.sentences import Sentence

FLOOR = 0.385
"""With grounds below this nobody is named."""
HIGH, MEDIUM = 0.114, 0.08
"""Lead times grounds from which an answer is `high`, and `medium`. For `high` it counts less for each day for which the
first has done nothing (`scored.LATELY`): enough is .14 of who did something yesterday, .27 a month ago, .50 a year."""
KNOWN_ENOUGH = 0.6
"""Share of a question's words (by idf) that must be known for the posts to speak in full."""
SILENT = 0.2
"""Share of a question's words that are known, below which meaning alone decides."""
MEANT = 0.95
"""What the mean of the best and the fifth-best cosine counts where meaning alone decides."""
MOSTLY = 0.5
"""Share of the nearest posts in another language from which on meaning alone decides, and share of the question that
the encoder must then understand."""

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

    @classmethod
    def of(
        cls, scored: Scored, order: np.ndarray, *, whole: Scored, whole_order: np.ndarray, most: float = np.inf
    ) -> Sureness:
        """Judge an answer. `order`: rows of people, best first.

        `whole`, `whole_order`: the same without filters on people, by which a filter makes nothing surer: the first one
        stands before the fourth as far as in the whole organisation, and grounds are at most those of it, `most`.
        """
        if not len(order):
            return cls(Confidence.LOW, 0.0, 0.0, NOTHING())
        first, ground, lead = int(order[0]), min(grounds(scored.basis), most), 0.0
        if len(whole_order):
            totals, by_id = whole.totals, whole.basis.view.by_id
            fourth = float(totals[whole_order[3]]) if len(whole_order) > 3 else 0.0
            # Whom each part would put first, of equals the first by id: rows tell of people one may not find.
            parts = [value for value in whole.agreeing if value.max(initial=0.0) > 0]
            opinions = {int(by_id[value == value.max()].min()) for value in parts}
            lead = (float(totals[first]) - fourth) / float(totals[whole_order[0]]) / max(len(opinions), 1)
        sure = lead * ground
        word = how_sure(sure, high=np.inf, medium=MEDIUM)
        # That a topic means what was asked is a guess, where nobody here has used the words of the question.
        guessed = scored.basis.reading.topic is not None
        if sure >= HIGH and not guessed and whole.basis.vouched.tells and whole.borne_out(first) >= BORNE_OUT:
            word = Confidence.HIGH if sure * whole.lately(first) >= HIGH else word
        return cls(word, ground, lead, TOO_LITTLE() if ground < FLOOR else None)


def grounds(basis: Basis) -> float:
    """How much the posts speak about the question, about 0 to 1."""
    words, found, query, snapshot = basis.words, basis.found, basis.query, basis.view.snapshot
    if not len(found.posts) or words.ideal <= 0:
        return 0.0
    if query.filtered or query.of_some:
        # Of the posts near the question alone: what only posts have that are left out is not known.
        known = basis.said(found.posts)
    else:
        # What only a restricted or a fresh post knows is known to who may read that post.
        beside = found.posts[found.posts >= len(snapshot.shared)]
        known = words.known(snapshot.statistics.having) | basis.said(beside)
    others = basis.of_others
    if not others.all():  # what the asker alone wrote about is not known to anybody whom they could ask
        known &= basis.said(found.posts[others]) | ~basis.said(found.posts[~others])
        if not others.any():
            return 0.0
    share = float(words.weights[known].sum()) / words.ideal
    near, matched = found.cosine[others], found.bm25[others]
    cosine = np.sort(near)[::-1]
    fifth = float(cosine[min(4, len(cosine) - 1)])  # the last one where an organisation has fewer
    topic = basis.reading.topic
    if topic is None and (share < SILENT or basis.abroad > MOSTLY):
        return MEANT * (float(cosine[0]) + fifth) / 2 if basis.understood >= MOSTLY else 0.0
    by_words = near[:10][matched[:10] > 0]
    top = float(by_words.mean()) if len(by_words) else 0.0
    best = float(matched[0]) / words.ideal
    ground = (fifth + top) / 2 * min(1.0, share / KNOWN_ENOUGH) + 0.3 * min(best, 0.5)
    return max(ground, FLOOR) if topic is not None or basis.in_one_post else ground


def less_sure(one: Confidence, other: Confidence) -> Confidence:
    """The lower word of two."""
    return max(one, other, key=list(Confidence).index)
