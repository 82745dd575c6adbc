"""What each person writes about and works on, as a vector, and who is near to whom by it. Made of the shared tier."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, svds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

INTEREST_DIMENSIONS = 150
"""Latent dimensions of what people write about (50 to 150 measured; flat)."""
NEAREST_BY_INTEREST = 15
"""So many nearest people are kept for each (5 to 15 measured; flat)."""
PLACES_TO_WORDS = 4.0
"""Length of the places that only one person acts in, as a multiple of the length of words; on an organisation kept
aside it lifted the AMI of communities from .243 to .355, on rust it moves within the noise (`docs/network.md`)."""
AT_ONCE, MOST_ROWS = 1 << 20, 512
"""Cosines of interests that are worked out at once, 8 MB of them, and people: with 41 MB at a time 10,000 people took
170 MB."""
POSTS_AT_ONCE = 10_000
"""Posts whose words are weighed at once: of a hundred words each they take 12 MB, of which there are four at a time."""
SMALL = 300
"""People or words: up to here all directions are found at once; the iteration has no start where nothing is common."""
COMMON_WORD_SHARE = 0.1
"""A word in more than this share of posts tells nobody apart."""
RARE_WORD_POSTS = 3
"""A word in fewer posts than this tells nobody apart."""


def interests(post_terms: sp.csr_matrix, person_posts: sp.csr_matrix, dimensions: int = INTEREST_DIMENSIONS) -> Floats:
    """What each person writes about and works on, as unit vectors `[people, dimensions]`; zero rows without words.

    `post_terms` counts words in posts; `person_posts` weighs each person's part in each post (author or reviewer,
    decayed). Logarithmic counts, posts of length one, inverse document frequency, then the leading singular
    directions scaled by the root of their singular value (latent semantic analysis; Deerwester et al. 1990).
    Deterministic: the iteration starts from ones.
    """
    posts = post_terms.shape[0]
    frequency = np.bincount(post_terms.indices, minlength=post_terms.shape[1])
    keep = np.flatnonzero(
        (frequency >= RARE_WORD_POSTS) & (frequency <= max(COMMON_WORD_SHARE * posts, RARE_WORD_POSTS))
    )
    people = person_posts.shape[0]
    if len(keep) == 0:
        return np.zeros((people, 1))
    # Some posts at a time, one matrix after the other and in place: these are the largest of a build.
    profile = sp.csr_matrix(person_posts @ _weighed(post_terms, keep, int(frequency[keep].sum())))
    np.log1p(profile.data, out=profile.data)
    profile.data *= np.log((posts + 1) / (frequency[keep] + 1.0))[profile.indices]
    squares = sp.csr_matrix((profile.data * profile.data, profile.indices, profile.indptr), shape=profile.shape)
    norm = np.sqrt(np.asarray(squares.sum(axis=1)).ravel())
    del squares
    profile.data *= np.repeat(1.0 / np.maximum(norm, 1e-12), np.diff(profile.indptr))
    profile.eliminate_zeros()
    rank = min(dimensions, min(profile.shape) - 1)
    if rank < 1 or profile.nnz == 0:
        return np.zeros((people, 1))
    if min(profile.shape) <= SMALL:
        left, values, _ = np.linalg.svd(profile.toarray(), full_matrices=False)
        left, values = left[:, :rank], values[:rank]
    else:
        # As it is: given the matrix alone, scipy makes a copy of it to multiply it the other way round.
        both = LinearOperator(profile.shape, profile.dot, profile.T.dot, dtype=profile.dtype)
        left, values, _ = svds(both, k=rank, v0=np.ones(min(profile.shape)), solver="arpack")
    vectors = left * np.sqrt(np.maximum(values, 0.0))
    norm = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.where(norm > 1e-9, vectors / np.maximum(norm, 1e-12), 0.0), dtype=np.float64)


def _weighed(post_terms: sp.csr_matrix, keep: Ints, count: int) -> sp.csr_matrix:
    """The kept words of posts by the logarithm of their number, posts of length one with all of their words; `count`:
    how many entries there are."""
    data, indices, indptr = np.empty(count), np.empty(count, np.int32), [0]
    for start in range(0, post_terms.shape[0], POSTS_AT_ONCE):
        words = sp.csr_matrix(post_terms[start : start + POSTS_AT_ONCE], dtype=np.float64)
        words.data = 1.0 + np.log(words.data)
        length = np.sqrt(np.asarray(words.multiply(words).sum(axis=1)).ravel())
        words = sp.csr_matrix(sp.csr_matrix(sp.diags_array(1.0 / np.maximum(length, 1e-12)) @ words)[:, keep])
        first = indptr[-1]
        data[first : first + words.nnz], indices[first : first + words.nnz] = words.data, words.indices
        indptr.extend((words.indptr[1:] + first).tolist())
    return sp.csr_matrix((data, indices, indptr), shape=(post_terms.shape[0], len(keep)))


def placed(vectors: Floats, person_posts: sp.csr_matrix, place: Ints) -> Floats:
    """Interests joined with the places somebody acts in, `[people, dimensions + places]`: unit rows, zero without both.

    `vectors` are what `interests` gives, `person_posts` weighs each person's part in each post; `place` says where each
    post stands (a channel, a repository, a working group), -1 for nowhere. A place counts by the logarithm of the parts
    there, and the more the fewer people act in it: by its inverse frequency among people, as a share of the largest
    possible. All places of a person together are `PLACES_TO_WORDS` times as long as their words, times the square of
    the mean of these shares: who is only where everybody is, is told apart by words. Without a place nothing changes.
    """
    stands = np.flatnonzero(place >= 0)
    people, places = len(vectors), int(place.max(initial=-1)) + 1
    if not places or not people:
        return vectors
    inside = sp.csr_matrix((np.ones(len(stands)), (stands, place[stands])), shape=(len(place), places))
    parts = sp.csr_matrix(person_posts @ inside, dtype=np.float64)
    parts.eliminate_zeros()
    parts.data = np.log1p(parts.data)
    acting = np.bincount(parts.indices, minlength=places)
    rare = np.log((people + 1) / (acting + 1.0)) / np.log(people + 1)
    whole = np.asarray(parts.sum(axis=1)).ravel()
    weighed = sp.csr_matrix(parts @ sp.diags_array(rare))
    mean = np.asarray(weighed.sum(axis=1)).ravel() / np.maximum(whole, 1e-12)
    block = sp.diags_array(PLACES_TO_WORDS * mean**2) @ _unit_rows(weighed)
    joined = np.hstack([vectors, sp.csr_matrix(block).toarray()])
    norm = np.linalg.norm(joined, axis=1, keepdims=True)
    return np.asarray(np.where(norm > 1e-9, joined / np.maximum(norm, 1e-12), 0.0), dtype=np.float64)


def _unit_rows(matrix: sp.csr_matrix) -> sp.csr_matrix:
    norm = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags_array(1.0 / np.maximum(norm, 1e-12)) @ matrix)


def nearest(vectors: Floats, neighbours: int = NEAREST_BY_INTEREST, block: int | None = None) -> sp.csr_matrix:
    """Symmetric similarity of each person with the `neighbours` most similar others, `[people, people]`, cosines
    above zero.

    Ties at the cut go to the lower index. Rounded to nine digits before the cut, so that one machine's last bit does
    not choose.
    """
    people = len(vectors)
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    values: list[Floats] = []
    block = block or min(max(AT_ONCE // max(people, 1), 1), MOST_ROWS)
    for start in range(0, people, block):
        similar = vectors[start : start + block] @ vectors.T
        np.round(similar, 9, out=similar)
        index = np.arange(similar.shape[0])
        similar[index, start + index] = 0.0
        edge = np.zeros(len(similar))
        if people > neighbours:
            edge = np.partition(similar, people - neighbours, axis=1)[:, people - neighbours]
        row, column = np.nonzero(similar >= np.maximum(edge, np.finfo(np.float64).tiny)[:, None])
        value = similar[row, column]
        order = np.lexsort((column, -value, row))
        first = np.searchsorted(row, row)  # rows ascend, so the place of one within its row is what is behind this
        best = order[np.arange(len(order)) - first < neighbours]
        rows.append((start + row[best]).astype(np.int64))
        columns.append(column[best].astype(np.int64))
        values.append(value[best])
    if not rows:
        return sp.csr_matrix((people, people))
    found = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    one_way = sp.csr_matrix(found, shape=(people, people))
    return sp.csr_matrix(one_way.maximum(one_way.T))
