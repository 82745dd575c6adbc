"""How far two partitions of the same people agree, corrected for chance."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def agreement(one: Ints, other: Ints) -> float:
    """Adjusted mutual information of two partitions, arithmetic mean as the norm (Vinh, Epps and Bailey 2010); 1
    when equal."""
    people = len(one)
    if people == 0:
        return 1.0
    table = sp.csr_matrix((np.ones(people), (_codes(one), _codes(other))))
    table.sum_duplicates()
    rows = np.asarray(table.sum(axis=1)).ravel()
    columns = np.asarray(table.sum(axis=0)).ravel()
    if len(rows) == len(columns) == 1 or len(rows) == len(columns) == people:
        return 1.0
    cells = table.tocoo()
    mutual = float((cells.data / people * np.log(people * cells.data / (rows[cells.row] * columns[cells.col]))).sum())
    chance = _expected_mutual(rows.astype(np.int64), columns.astype(np.int64), people)
    norm = (_entropy(rows, people) + _entropy(columns, people)) / 2.0
    gap = norm - chance
    return float((mutual - chance) / (gap if abs(gap) > 1e-15 else 1e-15))


def _codes(label: Ints) -> Ints:
    return np.asarray(np.unique(label, return_inverse=True)[1], dtype=np.int64)


def _entropy(counts: Floats, people: int) -> float:
    share = counts[counts > 0] / people
    return float(-(share * np.log(share)).sum())


def _expected_mutual(rows: Ints, columns: Ints, people: int) -> float:
    """Expected mutual information under the hypergeometric model; equal sizes are counted once (Romano et al.
    2014)."""
    a_sizes, a_often = np.unique(rows, return_counts=True)
    b_sizes, b_often = np.unique(columns, return_counts=True)
    log_factorial = gammaln(np.arange(people + 1, dtype=np.float64) + 1.0)
    total = 0.0
    for a, often_a in zip(a_sizes.tolist(), a_often.tolist(), strict=True):
        for b, often_b in zip(b_sizes.tolist(), b_often.tolist(), strict=True):
            shared = np.arange(max(1, a + b - people), min(a, b) + 1)
            log_chance = (
                log_factorial[a]
                + log_factorial[b]
                + log_factorial[people - a]
                + log_factorial[people - b]
                - log_factorial[people]
                - log_factorial[shared]
                - log_factorial[a - shared]
                - log_factorial[b - shared]
                - log_factorial[people - a - b + shared]
            )
            gain = shared / people * np.log(people * shared / (a * b))
            total += often_a * often_b * float((gain * np.exp(log_chance)).sum())
    return total
