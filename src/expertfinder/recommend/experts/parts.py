"""The parts of an expert's score: each is one object with its name, its weight, its amount and its sentence.

To add a part, add one object to `PARTS`: it then has a weight that can be learned, reasons, a figure without it and a
line in `evaluate --ablation`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from expertfinder.index.arrays import gather
from expertfinder.index.people.profiles import saturated
from expertfinder.index.snapshot import day_of
from expertfinder.recommend.experts.basis import Basis
from expertfinder.recommend.sentences import Sentence

Shares = Callable[[Basis, list[int]], list[dict[int, float]]]
"""Basis, people (rows) -> for each person: candidate -> its share of the person's value."""

Behind = Sequence[tuple[int, list[str]]]
"""Posts behind a part, the largest contribution first: candidate, and the families of what the person did with it."""

BEST = 50
"""A sentence counts those of the so many posts that match a question best: of a few hundred that are looked at, most
have little to do with it (not measured)."""
NEAREST_SHARE, NEAREST_FEWEST = 0.1, 3
"""Share of the people within which somebody's centre is said to be near a question, and how many it is at least."""
TOPICS_NAMED = 4
"""At most so many tags stand in the sentence of the part "topics": more are a list, not a reason."""
DECLARED = "declared"
"""The name of the part that is no evidence: who has nothing else is named with low confidence, if at all."""
DECLARED_FROM = 0.5
"""The share of a question, by the weights of its words, that somebody must declare for it to count."""
FORMS_NAMED, FORMS_FROM = 3, 5
"""At most so many other forms of words stand in a sentence, of so many of a person's best posts: one shows the kind."""
SHARED_OUT = 60
"""A profile's score is shared out over so many acts of a person, which is more than are ever cited."""

VERBS = {
    "authored": "wrote",
    "answered": "answered",
    "reviewed": "reviewed",
    "edited": "edited",
    "taught": "taught",
    "curated": "passed on",
    "accepted": "was thanked for",
    "endorsed": "was endorsed for",
}
"""Family of acts -> what the person did, in a sentence."""


def dated(at: datetime) -> str:
    """A day as a sentence has it: `3 May 2026`."""
    return f"{at.day} {at:%B %Y}"


def _no_shares(basis: Basis, people: list[int]) -> list[dict[int, float]]:
    """No post stands behind the part."""
    return [{} for _ in people]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One named part of every score."""

    name: str
    weight: float
    """What a person adds who stands four spreads out (`docs/ranking.md`); learned weights take its place."""
    amount: Callable[[Basis], np.ndarray]
    """float64, never negative: [acts of the candidates], or [people] where `precomputed`."""
    text: Callable[[Basis, int, Behind], str]
    """The sentence for a person (row) and the posts behind the part; empty where none holds."""
    precomputed: bool = False
    """Made of sums by person over the shared tier; other parts add up acts on the candidates."""
    agrees: bool = False
    """Confidence asks whom this part alone would put first."""
    finds: bool = True
    """False for a part that names nobody by itself: it counts only where a part before it speaks."""
    share: Callable[[Basis], float] = lambda _: 1.0
    """Share of the weight that the part has for this question."""
    shares: Shares = _no_shares
    """How the value of a precomputed part is shared out over the posts behind it."""


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    if len(names) < 2:
        return names[0] if names else "several topics"
    return ", ".join(names[:-1]) + " and " + names[-1]


MATCHED = Sentence("{did} of the {best} that match the question best in words.")
MATCHED_IN_FORMS = Sentence("{did} of the {best} that match the question best in words ({forms}).")
SOME_WORDS = Sentence("Has to do with posts that have words of the question.")
NEAR = Sentence("{did} of the {best} nearest to the question in meaning.")
PROFILE = Sentence("Words of the question stand in what this person wrote and handled over time.")
UNDER = Sentence("Wrote or handled posts under {topics}.")
SAYS_SO = Sentence("Says so of themselves: {said}.")
SAYS_SO_ALONE = Sentence("Says so of themselves: {said}; no evidence yet.")
LAST_ACTIVE = Sentence("Last active {day}.")
CENTRE = Sentence(
    "On average, what this person did lies nearer to the question than what {below} of {others} others did."
)


def counted(acts: Sequence[list[str]]) -> str:
    """What a person did with some posts, each counted once: `Wrote 3 and answered 1 posts`."""
    counts = Counter(family for families in acts for family in families[:1])
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    did = listed([f"{VERBS.get(family, family)} {number}" for family, number in ordered])
    return f"{did[:1].upper()}{did[1:]} {'post' if sum(counts.values()) == 1 else 'posts'}"


def best_by_words(basis: Basis) -> frozenset[int]:
    """The candidates that match the question best in words, at most `BEST`, of those with anybody who counts."""
    found = basis.found
    acted = np.unique(found.act_post)
    return frozenset(acted[found.bm25[acted] > 0][:BEST].tolist())


def best_by_meaning(basis: Basis) -> frozenset[int]:
    """The same by meaning; of equals those that match better in words."""
    found = basis.found
    acted = np.unique(found.act_post)
    order = acted[np.argsort(-found.cosine[acted], kind="stable")]
    return frozenset(order[found.cosine[order] > 0][:BEST].tolist())


def _matched(basis: Basis, person: int, behind: Behind) -> str:
    """The sentence of the part "words and meaning", with the forms of words that matched where they differ."""
    best = basis.once(best_by_words)
    acts = [families for post, families in behind if post in best]
    if not acts:
        return SOME_WORDS()
    forms = _other_forms(basis, person)
    if forms:
        return MATCHED_IN_FORMS(did=counted(acts), best=len(best), forms=listed(forms))
    return MATCHED(did=counted(acts), best=len(best))


def _near(basis: Basis, person: int, behind: Behind) -> str:
    best = basis.once(best_by_meaning)
    acts = [families for post, families in behind if post in best]
    return NEAR(did=counted(acts), best=len(best)) if acts else ""


def _other_forms(basis: Basis, person: int) -> list[str]:
    """Forms of the question's words in a person's posts that do not have the word as it was asked."""
    words, found = basis.gathered.words, basis.found
    if words.single:
        return []
    named: dict[str, None] = {}
    for post in np.unique(found.act_post[found.act_person == person])[:FORMS_FROM].tolist():
        segment, row = basis.view.snapshot.tiers.place(int(found.posts[post]))
        there = np.isin(words.rows, segment.terms[segment.term_indptr[row] : segment.term_indptr[row + 1]])
        as_asked = {words.forms[form] for form in np.flatnonzero(there).tolist()}
        for form in np.flatnonzero(there).tolist():
            asked = words.asked[words.word[form]].word
            if asked not in as_asked:
                named.setdefault(f"“{words.forms[form]}” for “{asked}”")
    return list(named)[:FORMS_NAMED]


# --- by the posts near the question ----------------------------------------------------------------------------------


def _words_and_meaning(basis: Basis) -> np.ndarray:
    powers = basis.recipe
    return basis.per_act(basis.relative**powers.by_words * basis.found.cosine**powers.with_meaning)


def _words_share(basis: Basis) -> float:
    """Less where the nearest posts are in other languages than the question: there words agree by accident."""
    return 1.0 - (1.0 - basis.recipe.abroad) * basis.abroad


def _meaning(basis: Basis) -> np.ndarray:
    return basis.per_act(basis.found.cosine**basis.recipe.by_meaning)


# --- by sums over a person -------------------------------------------------------------------------------------------


def _profile(basis: Basis) -> np.ndarray:
    """Profiles, each counted in full where it is borne out by one post.

    A profile adds words of different posts: of two words, who wrote about each in another place looks like who wrote
    about both together. So on short questions it counts in full only where one shared post has much of the question.
    """
    recipe, found = basis.recipe, basis.found
    best = np.zeros(basis.people)
    np.maximum.at(best, found.act_person[found.act_shared], basis.relative[found.act_post[found.act_shared]])
    rests = recipe.held * min(1.0, recipe.short / max(len(basis.gathered.words.counts), 1))
    return np.asarray(basis.rows(basis.profile) * (1.0 - rests * (1.0 - np.minimum(best / recipe.much, 1.0))))


def _profile_shares(basis: Basis, people: list[int]) -> list[dict[int, float]]:
    """A profile's score sums words, and a word's count sums posts: each post has the share of its counts.

    Posts that are no candidates hold the rest, and so do those after the `SHARED_OUT` that match the question best.
    """
    snapshot, found = basis.view.snapshot, basis.found
    shared = snapshot.shared.segment
    known = [person for person in people if person < len(snapshot.profiles.lengths)]
    words, per_word = basis.gathered.whole.per_word(known)
    table = np.full(len(snapshot.statistics.frequency) + 1, -1)
    table[words] = np.arange(len(words))
    built = snapshot.tiers.built_rows(found.posts)
    result: dict[int, dict[int, float]] = {}
    for place, person in enumerate(known):
        total = float(basis.profile[person])
        mine = np.flatnonzero((found.act_person == person) & found.act_shared & (built[found.act_post] >= 0))
        mine = mine[:SHARED_OUT]  # acts stand in the order of the candidates, best first
        if total <= 0 or not len(mine):
            continue
        positions, owner = gather(shared.term_indptr, built[found.act_post[mine]])
        column = table[shared.terms[positions]]
        inside = np.flatnonzero(column >= 0)
        count = saturated(
            shared.counts[positions[inside]].astype(np.float64),
            shared.lengths[built[found.act_post[mine[owner[inside]]]]].astype(np.float64),
            snapshot.profiles.post_length,
        )
        amount = per_word[place, column[inside]] * count
        slower = basis.recipe.half_life / basis.recipe.profile_half_life
        lasting = found.act_strength[mine] * basis.decay[mine] ** slower
        by_act = np.bincount(owner[inside], amount, minlength=len(mine)) * lasting
        shares: defaultdict[int, float] = defaultdict(float)
        for post, share in zip(found.act_post[mine].tolist(), (by_act / total).tolist(), strict=True):
            if share > 0:
                shares[post] += share
        result[person] = dict(shares)
    return [result.get(person, {}) for person in people]


def _topics(basis: Basis) -> np.ndarray:
    return basis.rows(basis.topics)


def _topics_share(basis: Basis) -> float:
    query = basis.gathered.query
    return 1.0 if query.question_tags or query.topics else basis.recipe.without_tags


def _topics_text(basis: Basis, person: int, behind: Behind) -> str:
    named = [name for name, who in basis.tags if person in who][:TOPICS_NAMED]
    return UNDER(topics=listed([f"“{name}”" for name in named])) if named else ""


def _activity(basis: Basis) -> np.ndarray:
    return np.asarray(np.log1p(basis.rows(basis.gathered.whole.standing.activity)))


def _activity_text(basis: Basis, person: int, behind: Behind) -> str:
    """The day of the newest act that this viewer may read; nothing where the question is of an earlier day."""
    view = basis.view
    newest = view.snapshot.last_acts.newest(person, view.audiences)
    if basis.gathered.query.until is not None or math.isnan(newest):
        return ""
    return LAST_ACTIVE(day=dated(day_of(newest)))


def _centre(basis: Basis) -> np.ndarray:
    """Row by row in 64 bits, as every cosine here: how many people there are is not to show in the last digit."""
    centre = basis.gathered.whole.standing.centre.astype(np.float64)
    toward = np.einsum("ij,j->i", centre, basis.gathered.vector.astype(np.float64))
    near: np.ndarray = np.maximum(toward, 0.0) ** basis.recipe.by_centre
    return basis.rows(near)


def _declared(basis: Basis) -> np.ndarray:
    """What people say of themselves, where that is half of the question and more: a word of it says little of the rest.

    It has no date, no kind and no tag, so it is not evidence where a question asks for posts of some only.
    """
    if basis.gathered.query.filtered:
        return np.zeros(basis.people)
    shares = basis.view.snapshot.directory.declared.shares(basis.gathered.words)
    return np.where(shares >= DECLARED_FROM, shares**2, 0.0)


def _declared_text(basis: Basis, person: int, behind: Behind) -> str:
    said = basis.view.snapshot.directory.declared.said(person, basis.gathered.words)[:TOPICS_NAMED]
    evidence = any(basis.rows(value)[person] > 0 for value in (basis.profile, basis.topics))
    seen = bool((basis.found.act_person == person).any()) or evidence
    return (SAYS_SO if seen else SAYS_SO_ALONE)(said=listed([f"“{text}”" for text in said]))


def centres_near(basis: Basis) -> tuple[np.ndarray, np.ndarray]:
    """How near the centres of people are to the question, float64 [people]; the same of whom this viewer may find."""
    near = _centre(basis)
    return near, near[basis.view.people & (basis.rows(basis.gathered.whole.standing.activity) > 0)]


def _centre_text(basis: Basis, person: int, behind: Behind) -> str:
    """Said of the nearest tenth of the people whom this viewer may find, or of the nearest three."""
    near, visible = basis.once(centres_near)
    others = len(visible) - 1
    below = int((visible < float(near[person])).sum())
    if not below or others - below >= max(NEAREST_SHARE * others, NEAREST_FEWEST):
        return ""
    return CENTRE(below=below, others=others)


PARTS: tuple[Part, ...] = (
    Part(
        name="words and meaning",
        weight=0.2,
        amount=_words_and_meaning,
        text=_matched,
        agrees=True,
        share=_words_share,
    ),
    Part(
        name="meaning",
        weight=0.5,
        amount=_meaning,
        text=_near,
        agrees=True,
    ),
    Part(
        name="profile",
        weight=1.2,
        amount=_profile,
        text=lambda *_: PROFILE(),
        precomputed=True,
        agrees=True,
        share=_words_share,
        shares=_profile_shares,
    ),
    Part(name="topics", weight=0.7, amount=_topics, text=_topics_text, precomputed=True, share=_topics_share),
    Part(
        name="activity",
        weight=0.25,
        amount=_activity,
        text=_activity_text,
        precomputed=True,
        finds=False,
    ),
    Part(
        name="centre",
        weight=0.2,
        amount=_centre,
        text=_centre_text,
        precomputed=True,
        finds=False,
    ),
    Part(name=DECLARED, weight=0.15, amount=_declared, text=_declared_text, precomputed=True),
)
"""In the order in which they are added up. Weights were chosen on ten rows of judged questions (`docs/ranking.md`)."""
WEIGHTS = {part.name: part.weight for part in PARTS}
"""The shipped weights by the name of the part."""
