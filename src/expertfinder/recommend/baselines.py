"""What any ranking must beat, from the same candidates: for evaluation, never for an answer."""

from __future__ import annotations

import random

import numpy as np

from expertfinder.index.text import words_of
from expertfinder.index.tokens import tokenise
from expertfinder.index.vectors import Encoder
from expertfinder.index.view import Question, View, candidates
from expertfinder.model import Query

METHODS = ("random", "most active", "recently active", "profile BM25", "BM25 voting", "dense voting")
VOTES = 200
"""Posts that vote: CombSUM over the top 200, as in every bar of `ranking.md`."""


def score(method: str, view: View, query: Query, *, encode: Encoder, seed: str) -> np.ndarray:
    """float64 [people]: what a baseline gives everybody for a question. `seed`: of the random one."""
    snapshot = view.snapshot
    people = len(snapshot.people)
    shared = snapshot.shared
    if method == "random":
        draw = random.Random(seed)
        active = np.bincount(shared.act_person, minlength=people) > 0
        return np.array([draw.random() for _ in range(people)]) * active
    if method in ("most active", "recently active"):
        age = np.nan_to_num(np.maximum(snapshot.manifest.as_of - shared.act_at, 0.0), nan=0.0)
        recent = 0.5 ** (age / (snapshot.manifest.span / 4)) if method == "recently active" else np.ones(len(age))
        return np.bincount(shared.act_person, recent, minlength=people)
    words = words_of(tokenise(" ".join((query.text, *query.topics))), snapshot.term_rows, snapshot.statistics)
    if method == "profile BM25":
        return snapshot.profiles.score(words)
    vector = encode.encode([query.text])[0]
    if method == "dense voting":
        cosine = np.asarray(shared.vectors @ vector, np.float64)
        top = np.argsort(-cosine, kind="stable")[:VOTES]
        votes = np.zeros(len(shared))
        votes[top] = np.maximum(cosine[top], 0.0) ** 2
        if query.exclude_posts:
            votes[[row for row in top.tolist() if shared.ids[row] in query.exclude_posts]] = 0.0
        acts = np.repeat(votes, np.diff(shared.act_indptr)) * (shared.act_strength > 0)
        return np.bincount(shared.act_person, acts, minlength=people)
    found = candidates(view, Question(words, vector, query), most=VOTES, nearest=0)
    return np.bincount(found.act_person, found.bm25[found.act_post], minlength=people)
