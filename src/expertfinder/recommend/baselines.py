"""What any ranking must beat, from the same candidates: for evaluation, never for an answer."""

from __future__ import annotations

import random

import numpy as np

from expertfinder.index.columns import gather
from expertfinder.index.filtered import filters_posts, whole
from expertfinder.index.segment import days
from expertfinder.index.text import words_of
from expertfinder.index.tokens import tokenise
from expertfinder.index.view import Question, View, candidates, kept
from expertfinder.model import Query

METHODS = ("random", "most active", "recently active", "profile BM25", "BM25 voting", "dense voting")
VOTES = 200
"""Posts that vote: CombSUM over the top 200, as in every bar of `ranking.md`."""


class Baselines:
    """The baselines over one view; what does not depend on the question is counted once."""

    def __init__(self, view: View) -> None:
        self._view = view
        snapshot = view.snapshot
        shared = snapshot.shared
        people = len(snapshot.people)
        self._active = np.bincount(shared.act_person, minlength=people).astype(np.float64)
        age = np.nan_to_num(np.maximum(snapshot.manifest.as_of - shared.act_at, 0.0), nan=0.0)
        recent = 0.5 ** (age / (snapshot.manifest.span / 4))
        self._recent = np.bincount(shared.act_person, recent, minlength=people)

    def scores(self, query: Query, *, vector: np.ndarray, seed: str) -> dict[str, np.ndarray]:
        """Method -> float64 [people]: what each of `METHODS` gives everybody for a question.

        `vector`: the question's text, encoded. `seed`: of the random one.
        """
        snapshot = self._view.snapshot
        people = len(snapshot.people)
        draw = random.Random(seed)
        words = words_of(tokenise(" ".join((query.text, *query.topics))), snapshot.term_rows, snapshot.statistics)
        found = candidates(self._view, Question(words, vector, query), most=VOTES, nearest=0)
        active, recent = self._active, self._recent
        if query.until is not None:
            active, recent = self._until(days(query.until))
        return {
            "random": np.array([draw.random() for _ in range(people)]) * (active > 0),
            "most active": active,
            "recently active": recent,
            "profile BM25": whole(self._view, words, query).profile,
            "BM25 voting": np.bincount(found.act_person, found.bm25[found.act_post], minlength=people),
            "dense voting": self._dense(query, vector),
        }

    def _until(self, moment: float) -> tuple[np.ndarray, np.ndarray]:
        """Activity and recent activity as they were at a moment (days since 1970)."""
        shared, people = self._view.snapshot.shared, len(self._view.snapshot.people)
        before = shared.act_at < moment
        decay = 0.5 ** ((moment - shared.act_at[before]) / (self._view.snapshot.manifest.span / 4))
        person = shared.act_person[before]
        return np.bincount(person, minlength=people).astype(np.float64), np.bincount(person, decay, minlength=people)

    def _dense(self, query: Query, vector: np.ndarray) -> np.ndarray:
        """The nearest posts vote with the square of their cosine; ties at the cut go to the first rows."""
        snapshot = self._view.snapshot
        shared = snapshot.shared
        cosine = np.asarray(shared.vectors @ vector, np.float64)
        if filters_posts(query):
            counts = np.zeros(len(cosine), bool)
            counts[kept(shared, np.arange(len(cosine)), query)] = True
            cosine[~counts] = 0.0
        top = np.arange(len(cosine))
        if len(top) > VOTES:
            edge = np.partition(cosine, len(cosine) - VOTES)[len(cosine) - VOTES]
            near = np.flatnonzero(cosine >= edge)
            top = np.sort(near[np.lexsort((near, -cosine[near]))][:VOTES])
        votes = np.maximum(cosine[top], 0.0) ** 2
        positions, owner = gather(shared.act_indptr, top)
        amounts = votes[owner] * (shared.act_strength[positions] > 0)
        if query.until is not None:
            amounts = np.where(shared.act_at[positions] >= days(query.until), 0.0, amounts)
        return np.bincount(shared.act_person[positions], amounts, minlength=len(snapshot.people))
