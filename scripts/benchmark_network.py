"""A large network: communities at one resolution and the champions of every community, with time and memory.

    python scripts/benchmark_network.py --people 1000000 --acts 17000000

The people, their acts and the groups they were drawn from are made up, a function of the seed: groups of 2 to 200, four
acts of five inside the group, and busier people busier. What is timed is the product's own: ties and damping
(`graph.py` in `index/network/`), Leiden in a child with its deadline (`leiden.py` and `deadline.py` there), and the
ranking of the members of every community that was found (`recommend/network/champions.py`). Reading a record of that
size is not part of it.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time

import numpy as np
import scipy.sparse as sp
from sklearn.metrics import adjusted_mutual_info_score

from expertfinder.index.network.deadline import PATIENCE, within
from expertfinder.index.network.graph import Acts, damped, ties, undirected
from expertfinder.index.network.leiden import best_partition
from expertfinder.recommend.network.champions import Moment, active_in, asked_by, individuals, standing, standing_in

RESOLUTION = 2.8
"""The resolution that stability chose on most open networks lies between 2.8 and 4.7."""
INSIDE = 0.8
COMPARED = 20_000
"""People whose group and community are compared."""
AS_OF = 20_000.0


def made_up(people: int, acts: int, seed: int) -> tuple[Acts, np.ndarray]:
    """Acts between people, and the group of each person."""
    rng = np.random.default_rng(seed)
    sizes = np.minimum((rng.pareto(1.5, people) + 1) * 8, 200).astype(np.int64)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), people)) + 1]
    group = np.repeat(np.arange(len(sizes)), sizes)[:people]
    first = np.searchsorted(group, np.arange(len(sizes)))
    size = np.bincount(group, minlength=len(sizes))
    busy = np.minimum(rng.zipf(2.2, people), 200).astype(np.float64)
    source = rng.choice(people, acts, p=busy / busy.sum())
    home = group[source]
    near = first[home] + (rng.random(acts) ** 2 * size[home]).astype(np.int64)  # the first of a group are asked most
    target = np.where(rng.random(acts) < INSIDE, near, rng.integers(0, people, acts))
    apart = source != target
    day = AS_OF - rng.exponential(200.0, acts)
    return Acts(source[apart], target[apart], day[apart], np.ones(int(apart.sum()))), group


def gigabytes(whose: int) -> float:
    """The most memory that this process has had, or the largest of its children that have ended."""
    return round(resource.getrusage(whose).ru_maxrss / 2**20, 2)


def ranked(acts: Acts, label: np.ndarray, turned_to: sp.csr_matrix) -> tuple[int, int]:
    """Rank the members of every community of three and more. How many communities, how many people had a score."""
    people = len(label)
    order = np.argsort(acts.source, kind="stable")
    then = Moment(
        turned_to=turned_to,
        part=sp.csr_matrix((people, 1)),
        post_decay=np.zeros(1),
        who=acts.source[order],
        day=acts.day[order],
        post=np.zeros(len(order), np.int64),
        judged=np.zeros(len(order), bool),
        place=np.zeros(1, np.int64),
        places={"here": 0},
        as_of=AS_OF,
    )
    by_label = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[by_label], np.arange(int(label.max()) + 2))
    communities = scored = 0
    for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        if end - start < 3:
            continue
        members = np.sort(by_label[start:end])
        parts = {
            "turned to": standing(turned_to, members),
            "asked by": asked_by(turned_to, members),
            "active": active_in(then, members, standing_in(then, "here")),
        }
        found = individuals(members, parts)
        communities += 1
        scored += sum(one.score > 0 for one in found)
    return communities, scored


def main() -> None:
    """Measure, and print a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--acts", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    acts, group = made_up(given.people, given.acts, given.seed)
    seconds: dict[str, float] = {}

    def timed(name: str, began: float) -> None:
        seconds[name] = round(time.perf_counter() - began, 1)
        print(f"{name}: {seconds[name]} s", file=sys.stderr, flush=True)

    began = time.perf_counter()
    turned_to = ties(acts, given.people)
    graph = damped(undirected(acts, given.people))
    timed("ties", began)
    began = time.perf_counter()
    label = within(PATIENCE, best_partition, graph, RESOLUTION, tries=1)
    timed("communities", began)
    began = time.perf_counter()
    communities, scored = ranked(acts, label, turned_to)
    timed("champions of every community", began)
    some = np.random.default_rng(0).choice(given.people, min(COMPARED, given.people), replace=False)
    told = {
        "people": given.people,
        "ties": int(graph.nnz // 2),
        "seconds": seconds,
        "communities": communities,
        "people_with_a_score": scored,
        "agreement_with_the_groups_ami": round(float(adjusted_mutual_info_score(group[some], label[some])), 3),
        "peak_gb": {"own": gigabytes(resource.RUSAGE_SELF), "child": gigabytes(resource.RUSAGE_CHILDREN)},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
