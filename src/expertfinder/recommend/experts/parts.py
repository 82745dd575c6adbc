"""The parts of an expert's score: each is one object with its name, its weight, its amount and its sentence.

To add a part, write its class and add one to `PARTS`: it then has a weight that can be learned, reasons, a figure
without it and a line in `evaluate --ablation`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence

import numpy as np

from expertfinder.configuration import languages
from expertfinder.configuration.languages import N_, gettext
from expertfinder.index.arrays import distinct, gather, one_of
from expertfinder.index.people.profiles import saturated
from expertfinder.index.snapshot import day_of
from expertfinder.recommend.experts.basis import Basis
from expertfinder.recommend.sentences import Sentence

Behind = Sequence[tuple[int, list[str]]]
"""Posts behind a part that are among the best by words or by meaning: candidate, and the families of what the person
did with it."""

SPREADS = 4.0
"""A person who stands so many spreads out adds the whole weight of a part, by the definition of a weight."""
NEAREST_SHARE, NEAREST_FEWEST = 0.1, 3
"""Share of the people within which somebody's centre is said to be near a question, and how many it is at least."""
TOPICS_NAMED = 4
"""The sentence of the part "topics" names at most so many tags."""
DECLARED = "declared"
"""The name of the part that is no evidence: who has nothing else is named with low confidence, if at all."""
DECLARED_FROM = 0.5
"""The share of a question, by the weights of its words, that somebody must declare for it to count."""
FORMS_NAMED, FORMS_FROM = 3, 5
"""At most so many other forms of words stand in a sentence, of so many of a person's best posts: one shows the kind."""
UNSAID = 32.0
"""How much more what people say of themselves counts as no post says it. With half of a question in no one post, what
all of it counts is then the sum of the weights of all other parts: .15 x (1 + 32 x .5)."""
SHARED_OUT = 60
"""A profile's score is shared out over so many acts of a person, which is more than are ever cited."""

VERBS = {
    "authored": N_("wrote"),
    "answered": N_("answered"),
    "reviewed": N_("reviewed"),
    "edited": N_("edited"),
    "taught": N_("taught"),
    "curated": N_("passed on"),
    "accepted": N_("was thanked for"),
    "endorsed": N_("was endorsed for"),
}
"""Family of acts -> what the person did, in a sentence."""

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
    did = languages.listed([f"{gettext(VERBS.get(family, family))} {number}" for family, number in ordered])
    did = f"{did[:1].upper()}{did[1:]}"
    return languages.ngettext("{did} post", "{did} posts", sum(counts.values())).format(did=did)


class Part(ABC):
    """One named part of every score."""

    name: str
    weight: float
    """What a person adds who stands four spreads out (`docs/ranking.md`); learned weights take its place."""
    precomputed = False
    """Made of sums by person over the shared tier; other parts add up acts on the candidates."""
    agrees = False
    """Confidence asks whom this part alone would put first."""
    finds = True
    """False for a part that names nobody by itself: it counts only where a part before it speaks."""

    @abstractmethod
    def amount(self, basis: Basis, speaks: np.ndarray) -> np.ndarray:
        """float64, never negative: [acts of the candidates], or [people] where `precomputed`.

        `speaks`: bool [people], for whom a part before this one speaks; what does not find counts for them alone.
        """

    @abstractmethod
    def text(self, basis: Basis, person: int, behind: Behind) -> str:
        """The sentence for a person (row) and the posts behind the part; empty where none holds."""

    def share(self, basis: Basis) -> float | np.ndarray:
        """Share of the weight that the part has for this question; float64 [people] where it is another for each."""
        return 1.0

    def shares(self, basis: Basis, people: list[int]) -> np.ndarray | None:
        """float64 [people, candidates]: the share that each post has of the value of a precomputed part for some people
        (rows); `None` for most parts, in which no post has one."""
        return None

    def scale(self, wide: float) -> float:
        """What the values of the part are multiplied by; `wide`: their spread."""
        return self.weight / (SPREADS * wide) if wide > 1e-12 else 0.0


# --- by the posts near the question ----------------------------------------------------------------------------------


class WordsAndMeaning(Part):
    """Posts that match in words and lie near in meaning."""

    name = "words and meaning"
    weight = 0.2
    agrees = True

    def amount(self, basis: Basis, speaks: np.ndarray) -> np.ndarray:
        powers = basis.recipe
        return basis.per_act(basis.relative**powers.by_words * basis.found.cosine**powers.with_meaning)

    def share(self, basis: Basis) -> float:
        return basis.at_home

    def text(self, basis: Basis, person: int, behind: Behind) -> str:
        """What the person did with the best posts, and the forms of words that matched where they differ."""
        best = basis.best_by_words
        acts = [families for post, families in behind if post in best]
        if not acts:
            return SOME_WORDS()
        forms = self._other_forms(basis, person)
        if forms:
            return MATCHED_IN_FORMS(did=counted(acts), best=len(best), forms=languages.listed(forms))
        return MATCHED(did=counted(acts), best=len(best))

    def _other_forms(self, basis: Basis, person: int) -> list[str]:
        """Forms of the question's words in a person's posts that do not have the word as it was asked."""
        words, found = basis.words, basis.found
        if words.single:
            return []
        named: dict[str, None] = {}
        for post in distinct(found.act_post[found.act_person == person])[:FORMS_FROM].tolist():
            segment, row = basis.view.snapshot.tiers.place(int(found.posts[post]))
            there = one_of(words.rows, segment.terms[segment.term_indptr[row] : segment.term_indptr[row + 1]])
            as_asked = {words.forms[form] for form in np.flatnonzero(there).tolist()}
            for form in np.flatnonzero(there).tolist():
                asked = words.asked[words.word[form]].word
                if asked not in as_asked:
                    named.setdefault(f"“{words.forms[form]}” for “{asked}”")
        return list(named)[:FORMS_NAMED]


class Meaning(Part):
    """Posts that lie near in meaning, whatever their words."""

    name = "meaning"
    weight = 0.5
    agrees = True

    def amount(self, basis: Basis, speaks: np.ndarray) -> np.ndarray:
        return basis.per_act(basis.found.cosine**basis.recipe.by_meaning)

    def text(self, basis: Basis, person: int, behind: Behind) -> str:
        best = basis.best_by_meaning
        acts = [families for post, families in behind if post in best]
        return NEAR(did=counted(acts), best=len(best)) if acts else ""


# --- by sums over a person -------------------------------------------------------------------------------------------


class Profile(Part):
    """Profiles, each counted in full where it is borne out by one post.

    A profile adds words of different posts: of two words, who wrote about each in another place looks like who wrote
    about both together. So on short questions it counts in full only where one shared post has much of the question.
    """

    name = "profile"
    weight = 1.2
    precomputed = True
    agrees = True

    def amount(self, basis: Basis, speaks: np.ndarray) -> np.ndarray:
        recipe, found = basis.recipe, basis.found
        best = np.zeros(basis.people)
        np.maximum.at(best, found.act_person[found.act_shared], basis.relative[found.act_post[found.act_shared]])
        rests = recipe.held * min(1.0, recipe.short / max(len(basis.words.counts), 1))
        return np.asarray(basis.rows(basis.whole.profile) * (1.0 - rests * (1.0 - np.minimum(best / recipe.much, 1.0))))

    def share(self, basis: Basis) -> float:
        return basis.at_home

    def text(self, basis: Basis, person: int, behind: Behind) -> str:
        return PROFILE()

    def shares(self, basis: Basis, people: list[int]) -> np.ndarray | None:
        """A profile's score sums words, and a word's count sums posts: each post has the share of its counts.

        Posts that are no candidates hold the rest, and so do those after the `SHARED_OUT` that match the question best.
        """
        snapshot, found = basis.view.snapshot, basis.found
        shared, shares = snapshot.shared.segment, np.zeros((len(people), len(found.posts)))
        lengths, profile = snapshot.profiles.lengths, basis.whole.profile
        known = [person for person in people if person < len(lengths) and profile[person] > 0]
        if not known:
            return shares
        words, per_word = basis.whole.per_word(known)
        table = np.full(len(snapshot.statistics.frequency) + 1, -1, np.int32)
        table[words] = np.arange(len(words))
        slot = np.full(basis.people, -1, np.int64)
        slot[known] = np.arange(len(known))
        built = snapshot.tiers.built_rows(found.posts)
        mine = np.flatnonzero((slot[found.act_person] >= 0) & found.act_shared & (built[found.act_post] >= 0))
        # Acts stand in the order of the candidates, best first.
        mine = mine[np.argsort(slot[found.act_person[mine]], kind="stable")]
        place = slot[found.act_person[mine]]
        first = np.arange(len(mine)) - np.searchsorted(place, place) < SHARED_OUT
        mine, place = mine[first], place[first]
        positions, owner = gather(shared.term_indptr, built[found.act_post[mine]])
        column = table[shared.terms[positions]]
        inside = np.flatnonzero(column >= 0)
        post_of = built[found.act_post[mine[owner[inside]]]]
        count = saturated(
            shared.counts[positions[inside]].astype(np.float64),
            shared.lengths[post_of].astype(np.float64),
            snapshot.profiles.post_length,
        )
        amount = per_word[place[owner[inside]], column[inside]] * count
        slower = basis.recipe.half_life / basis.recipe.profile_half_life
        lasting = found.act_strength[mine] * basis.decay[mine] ** slower
        by_act = np.bincount(owner[inside], amount, minlength=len(mine)) * lasting
        cells = np.array([people.index(person) for person in known], np.int64)[place] * len(found.posts)
        share = by_act / profile[known][place]
        return np.bincount(cells + found.act_post[mine], share, minlength=shares.size).reshape(shares.shape)


class Topics(Part):
    """What somebody did under the tags of the question."""

    name = "topics"
    weight = 0.7
    precomputed = True

    def amount(self, basis: Basis, speaks: np.ndarray) -> np.ndarray:
        return basis.rows(basis.tagged[0])

    def share(self, basis: Basis) -> float:
        return 1.0 if basis.query.question_tags or basis.query.topics else basis.recipe.without_tags

    def text(self, basis: Basis, person: int, behind: Behind) -> str:
        named = [name for name, who in basis.tagged[1] if person in who][:TOPICS_NAMED]
        return UNDER(topics=languages.listed([f"“{name}”" for name in named])) if named else ""


class Activity(Part):
    """How much somebody does at all."""

    name = "activity"
    weight = 0.25
    precomputed = True
    finds = False

    def amount(self, basis: Basis, speaks: np.ndarray) -> np.ndarray:
        return np.asarray(np.log1p(basis.rows(basis.whole.standing.activity)))

    def text(self, basis: Basis, person: int, behind: Behind) -> str:
        """The day of the newest act that this viewer may read; nothing where the question is of an earlier day."""
        newest = basis.view.snapshot.last_acts.newest(person, basis.view.audiences)
        if basis.query.until is not None or math.isnan(newest):
            return ""
        return LAST_ACTIVE(day=languages.day(day_of(newest)))


class Centre(Part):
    """How near to the question lies what somebody does on average."""

    name = "centre"
    weight = 0.2
    precomputed = True
    finds = False

    def amount(self, basis: Basis, speaks: np.ndarray) -> np.ndarray:
        near = np.zeros(basis.people)
        near[speaks] = basis.centres(np.flatnonzero(speaks))
        return near

    def text(self, basis: Basis, person: int, behind: Behind) -> str:
        """Said of the nearest tenth of the people whom this viewer may find, or of the nearest three."""
        below, others = basis.nearer_than(person)
        if not below or others - below >= max(NEAREST_SHARE * others, NEAREST_FEWEST):
            return ""
        return CENTRE(below=below, others=others)


class OwnWord(Part):
    """What people say of themselves, where that is half of the question and more: a word of it says little of the rest.

    It has no date, no kind and no tag, so it is not evidence where a question asks for posts of some only. Whoever says
    more of a question than any one post does stands before who wrote about the rest of it: a post about a works council
    is none about works. That holds less for whoever lists much (`Declared.brevity`).
    """

    name = DECLARED
    weight = 0.15
    precomputed = True

    def amount(self, basis: Basis, speaks: np.ndarray) -> np.ndarray:
        if basis.query.filtered:
            return np.zeros(basis.people)
        shares = basis.declared
        return np.where(shares >= DECLARED_FROM, shares**2, 0.0)

    def share(self, basis: Basis) -> float | np.ndarray:
        if not (basis.declared >= DECLARED_FROM).any():
            return 1.0
        more = np.maximum(basis.declared - basis.said_at_once, 0.0)
        return np.asarray(1.0 + UNSAID * more * basis.view.snapshot.directory.declared.brevity)

    def text(self, basis: Basis, person: int, behind: Behind) -> str:
        said = basis.view.snapshot.directory.declared.said(person, basis.words)[:TOPICS_NAMED]
        evidence = any(basis.rows(value)[person] > 0 for value in (basis.whole.profile, basis.tagged[0]))
        seen = bool((basis.found.act_person == person).any()) or evidence
        return (SAYS_SO if seen else SAYS_SO_ALONE)(said=languages.listed([f"“{text}”" for text in said]))


PARTS: tuple[Part, ...] = (WordsAndMeaning(), Meaning(), Profile(), Topics(), Activity(), Centre(), OwnWord())
"""In the order in which they are added up. Weights were chosen on ten rows of judged questions (`docs/ranking.md`)."""
WEIGHTS = {part.name: part.weight for part in PARTS}
"""The shipped weights by the name of the part."""
AGREEING = frozenset(part.name for part in PARTS if part.agrees)
"""Parts that have a first person of their own to agree on."""
