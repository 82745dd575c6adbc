"""What any ranking must beat, from the same documents and acts: for evaluation, never for an answer.

Each is a method of the literature with its usual constants, or a mix that was fixed before its first run; none was
tuned on what it is measured on. Only `our profile` is ours: it is the part `profile` of our own score, alone.
"""

from __future__ import annotations

import random

import numpy as np
import scipy.sparse as sp

from expertfinder.index.access import View
from expertfinder.index.arrays import gather
from expertfinder.index.candidates import Candidates, Question
from expertfinder.index.people.filtered import Whole
from expertfinder.index.posts.bm25 import K1, B, Words
from expertfinder.index.posts.segment import days
from expertfinder.index.posts.tokens import tokenise
from expertfinder.index.recipe import faded, idf
from expertfinder.model import Query

METHODS = (
    "random",
    "most active",
    "recently active",
    "profile BM25",
    "our profile",
    "BM25 voting",
    "voting, recent",
    "CombMNZ",
    "CombMAX",
    "reciprocal rank",
    "reciprocal, recent",
    "rank-discounted",
    "dense voting",
    "recipe",
    "fixed mix",
)
VOTES = 200
"""Posts that vote: CombSUM over the top 200, as in every bar of `docs/ranking.md`."""
RANKED = 500
"""Posts that vote by their rank, the best first."""
TWO_YEARS = 2 * 365.25
"""Half-life in days of a baseline that lets old posts fade: two years."""
RECIPE_HALF_LIFE = (30.0, 548.0)
"""Days: the recipe's half-life is a quarter of the time span, and within these (one month, 18 months)."""


class Baselines:
    """The baselines over one view; what does not depend on the question is computed once."""

    def __init__(self, view: View) -> None:
        self._view = view
        snapshot, shared = view.snapshot, view.snapshot.shared.segment
        self._people = len(snapshot.people)
        self._post_of_act = shared.act_posts()
        self._shape = (self._people, len(shared))
        counts = (shared.counts.astype(np.float64), shared.terms, shared.term_indptr)
        self._counts = sp.csc_matrix(sp.csr_matrix(counts, shape=(len(shared), len(snapshot.terms))))
        tags = (np.ones(len(shared.tags)), shared.tags, shared.tag_indptr)
        self._tags = sp.csc_matrix(sp.csr_matrix(tags, shape=(len(shared), len(snapshot.tags))))
        self._tag_rows = {name: row for row, name in enumerate(snapshot.standing.tag_words) if name}
        self._span = snapshot.manifest.span

    def scores(self, query: Query, *, vector: np.ndarray, seed: str) -> dict[str, np.ndarray]:
        """Method -> float64 [people]: what each of `METHODS` gives everybody for a question.

        `vector`: the question's text, encoded. `seed`: of the random one.
        """
        snapshot, shared = self._view.snapshot, self._view.snapshot.shared.segment
        draw = random.Random(seed)
        tokens = tokenise(" ".join((query.text, *query.topics)))
        words = Words.of(tokens, snapshot.term_rows, snapshot.statistics)
        found = Question(self._view, query, words, vector).candidates(most=RANKED, nearest=0, of_one=RANKED)
        counts, age = self._acts(query)
        active = np.bincount(shared.act_person[counts], minlength=self._people).astype(np.float64)
        recent = self._sum(counts, faded(age, self._span / 4))
        profile = self._profile(words.rows, words.counts, counts)
        votes, half_life = found.act_post < VOTES, self._span / 4
        rank = 1.0 + found.act_post
        discounted = 1.0 / np.log2(rank + 1) ** 2
        bm25, recent_share = found.bm25[found.act_post] * votes, faded(found.act_age, half_life)
        sums, often = self._by(found, bm25), self._by(found, votes.astype(np.float64))
        best = np.zeros(self._people)
        np.maximum.at(best, found.act_person, bm25)
        mix = (
            (0.2, sums),
            (0.3, self._by(found, bm25 * recent_share)),
            (0.3, self._by(found, discounted)),
            (0.3, self._by(found, discounted * recent_share)),
            (0.8, profile),
            (0.2, np.log1p(active)),
        )
        recipe_fading = float(np.clip(half_life, *RECIPE_HALF_LIFE))
        lasting = faded(age, recipe_fading)
        recipe = (
            (1.0, self._by(found, bm25 * found.act_strength * faded(found.act_age, recipe_fading))),
            (0.5, self._dense(vector, counts, weight=lasting * shared.act_strength)),
            (0.5, self._by_tags(query, counts, lasting)),
            (0.3, np.log1p(self._sum(counts, lasting))),
        )
        return {
            "random": np.array([draw.random() for _ in range(self._people)]) * (active > 0),
            "most active": active,
            "recently active": recent,
            "profile BM25": profile,
            "our profile": Whole.of(self._view, words, query).profile,
            "BM25 voting": sums,
            "voting, recent": self._by(found, bm25 * recent_share),
            "CombMNZ": sums * often,
            "CombMAX": best,
            "reciprocal rank": self._by(found, 1.0 / rank),
            "reciprocal, recent": self._by(found, faded(found.act_age, TWO_YEARS) / rank),
            "rank-discounted": self._by(found, discounted),
            "dense voting": self._dense(vector, counts, weight=np.ones(len(age))),
            "recipe": _mixed(recipe),
            "fixed mix": _mixed(mix),
        }

    def _acts(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """The acts of the shared tier that count for a question, bool [acts], and the age of each in days, [acts]."""
        shared = self._view.snapshot.shared.segment
        counts = np.asarray(shared.act_strength > 0)
        until = self._view.snapshot.manifest.as_of
        if query.filtered or query.exclude_posts:
            stays = np.zeros(len(shared), bool)
            stays[self._view.kept(shared, np.arange(len(shared)), query)] = True
            counts &= stays[self._post_of_act]
        if query.until is not None:
            until = days(query.until)
            counts &= ~(shared.act_at >= until)
        return counts, np.nan_to_num(np.maximum(until - shared.act_at, 0.0), nan=0.0)

    def _sum(self, counts: np.ndarray, weight: np.ndarray) -> np.ndarray:
        person = self._view.snapshot.shared.segment.act_person
        return np.bincount(person[counts], weight[counts], minlength=self._people)

    def _by(self, found: Candidates, amount: np.ndarray) -> np.ndarray:
        """[people]: the sum for each person of `amount`, which has an entry for each act of the candidates."""
        return np.bincount(found.act_person, amount, minlength=self._people)

    def _profile(self, rows: np.ndarray, often: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Textbook BM25 of one concatenated text a person, each post once (candidate-centred, Balog's Model 1)."""
        shared = self._view.snapshot.shared.segment
        person, post = shared.act_person[counts], self._post_of_act[counts]
        did = sp.csr_matrix((np.ones(len(person)), (person, post)), shape=self._shape)
        did.data[:] = 1.0
        lengths = did @ shared.lengths.astype(np.float64)
        known = rows >= 0
        texts = np.asarray((did @ self._counts[:, rows[known]]).todense())
        written = max(int((lengths > 0).sum()), 1)
        users = (texts > 0).sum(axis=0)
        rarity = idf(written, users)
        norm = K1 * (1 - B + B * lengths / max(lengths.sum() / written, 1e-9))
        return np.asarray((often[known] * rarity * texts / (texts + norm[:, None] + 1e-12)).sum(axis=1))

    def _by_tags(self, query: Query, counts: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """[people]: over the question's tags, how specific each is times the weight of the person's acts under it."""
        shared, posts = self._view.snapshot.shared.segment, len(self._view.snapshot.shared)
        value = np.zeros(posts)
        for name in {" ".join(tokenise(tag)) for tag in (*query.question_tags, *query.topics)}:
            if name in self._tag_rows:
                row = self._tag_rows[name]
                under = self._tags.indices[self._tags.indptr[row] : self._tags.indptr[row + 1]]
                value[under] += idf(posts, len(under))
        return self._sum(counts, value[self._post_of_act] * weight * shared.act_strength)

    def _dense(self, vector: np.ndarray, counts: np.ndarray, *, weight: np.ndarray) -> np.ndarray:
        """The nearest posts vote with the square of their cosine; ties at the cut go to the first rows.

        `weight` [acts]: of each act.
        """
        shared = self._view.snapshot.shared.segment
        cosine = np.asarray(shared.vectors @ vector, np.float64)
        there = np.zeros(len(cosine), bool)
        there[self._post_of_act[counts]] = True
        cosine[~there] = 0.0
        top = np.arange(len(cosine))
        if len(top) > VOTES:
            edge = np.partition(cosine, len(cosine) - VOTES)[len(cosine) - VOTES]
            near = np.flatnonzero(cosine >= edge)
            top = np.sort(near[np.lexsort((near, -cosine[near]))][:VOTES])
        votes = np.maximum(cosine[top], 0.0) ** 2
        positions, owner = gather(shared.act_indptr, top)
        amounts = votes[owner] * (counts * weight)[positions]
        return np.bincount(shared.act_person[positions], amounts, minlength=self._people)


def _mixed(parts: tuple[tuple[float, np.ndarray], ...]) -> np.ndarray:
    """The weighted sum of parts, each divided by its largest value."""
    return np.asarray(sum(weight * value / max(float(value.max(initial=0.0)), 1e-12) for weight, value in parts))
