"""Writes a development set for "how well does this person know this?" from any set that has approvals.

    python scripts/assess_set.py SET --out FOLDER [--from 2024-07-01]

Held out in time: what came before the day is the evidence, later texts are the queries, and the truth is made of later
approvals alone: how many of the texts that resemble a query its reader approved. Resemblance is that of tf-idf over the
later texts, which nothing in the product uses. Two files of triples are written, because "more" can mean two things:

- `triples.tsv`: the number of resembling texts that were approved, under a logarithm. Who approves much stands high.
- `triples.share.tsv`: the share of them in everything that the person approved later. Volume says nothing.

`SET` is a folder in the native format or its name under EXPERTFINDER_SETS. The figures stand in `docs/assess.md`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

FROM = "2024-07-01"
"""The day from which texts are held out."""
NEIGHBOURS = 30
"""Later texts that resemble a query, itself among them: about half a percent of them."""
FEWEST_BEFORE, FEWEST_AFTER = 5, 10
"""Posts written or approved before the day, and approvals after it, of a person who is compared."""
QUERIES = 300
TRIPLES = 4_000
"""Of each kind, at most."""
SHORTEST = 120
"""Characters of a text that says enough to be asked about."""
SEED = 4
TOP = 5.0
"""Truth runs from 0 to this, as self-ratings do."""

Table = dict[tuple[str, str], float]
"""Truth by (query, person)."""


@dataclass(frozen=True, slots=True)
class Later:
    """What came after the day."""

    posts: list[dict]  # type: ignore[type-arg]
    approvers: dict[str, set[str]]
    """Post -> who approved it."""


def rows(path: Path) -> list[dict]:  # type: ignore[type-arg]
    """The records of a JSONL file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def folder_of(name: str) -> Path:
    """The folder of a set: a path, or a name under EXPERTFINDER_SETS."""
    bases = [Path(base) for base in os.environ.get("EXPERTFINDER_SETS", "").split(os.pathsep) if base]
    for folder in (Path(name), *(base / name for base in bases)):
        if folder.is_dir():
            return folder
    raise SystemExit(f"there is no set {name}")


def split(folder: Path, out: Path, day: str) -> tuple[Later, list[str]]:
    """Write what was before the day into `out`. What came later, and the people who are compared."""
    people, posts, acts = (rows(folder / f"{name}.jsonl") for name in ("people", "posts", "interactions"))
    before = [post for post in posts if (post.get("created_at") or day) < day]
    kept = {post["id"] for post in before}
    early = [act for act in acts if (act.get("created_at") or day) < day and act["object"] in kept]
    for name, table in (("people", people), ("posts", before), ("interactions", early)):
        with (out / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in table)
    late = [post for post in posts if (post.get("created_at") or "") >= day and len(post["text"]) >= SHORTEST]
    late_ids = {post["id"] for post in late}
    approvers: defaultdict[str, set[str]] = defaultdict(set)
    for act in acts:
        if act["verb"] == "approve" and act["object"] in late_ids and act["created_at"] >= day:
            approvers[act["object"]].add(act["actor"])
    did = Counter(author for post in before for author in post["authors"]) + Counter(act["actor"] for act in early)
    approved = Counter(person for who in approvers.values() for person in who)
    compared = sorted(
        person for person in approved if did[person] >= FEWEST_BEFORE and approved[person] >= FEWEST_AFTER
    )
    return Later([post for post in late if post["id"] in approvers], dict(approvers)), compared


def truths(later: Later, compared: list[str], queries: list[int]) -> tuple[Table, Table]:
    """(number, share), each between 0 and `TOP`, for every query and compared person who did not write it."""
    texts = [f"{post['title']}\n{post['text']}" for post in later.posts]
    vectors = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2), stop_words="english").fit_transform(
        texts
    )
    near = (vectors[queries] @ vectors.T).toarray()
    of_person = {
        person: np.array([person in later.approvers[post["id"]] for post in later.posts]) for person in compared
    }
    number: Table = {}
    share: Table = {}
    for place, query in enumerate(queries):
        resembling = np.argsort(-near[place], kind="stable")[:NEIGHBOURS]
        for person in compared:
            if person in later.posts[query]["authors"]:
                continue
            count = int(of_person[person][resembling].sum())
            key = (later.posts[query]["id"], person)
            number[key] = min(TOP, math.log2(1 + count))
            # Shrunk by ten approvals, so that a single one of few is not a whole speciality.
            share[key] = min(TOP, TOP * 2 * count / (float(of_person[person].sum()) + 10))
    return number, share


def triples(truth: Table, chance: random.Random) -> list[str]:
    """Lines of triples: as many between people as between texts; the two scores differ."""
    by: tuple[defaultdict[str, list[str]], ...] = (defaultdict(list), defaultdict(list))
    for query, person in sorted(truth):
        by[0][query].append(person)
        by[1][person].append(query)
    lines = []
    for kind, table in zip(("pc", "rc"), by, strict=True):
        found: set[tuple[str, str, str]] = set()
        anchors = sorted(table)
        for _ in range(TRIPLES * 20):
            anchor = chance.choice(anchors)
            if len(table[anchor]) < 2 or len(found) >= TRIPLES:
                continue
            one, other = chance.sample(table[anchor], 2)
            score = [truth[(anchor, who)] if kind == "pc" else truth[(who, anchor)] for who in (one, other)]
            if score[0] == score[1]:
                continue
            positive, negative = (one, other) if score[0] > score[1] else (other, one)
            if (anchor, positive, negative) not in found:
                found.add((anchor, positive, negative))
                lines.append(f"{kind}\t{anchor}\t{positive}\t{negative}\t{max(score):.3f}\t{min(score):.3f}")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Write the set, and say what is in it."""
    parser = argparse.ArgumentParser(description="a development set for `evaluate --task assess`")
    parser.add_argument("set", help="folder of a set with approvals, or its name under EXPERTFINDER_SETS")
    parser.add_argument("--out", type=Path, help="folder to write (a new temporary one where it is not named)")
    parser.add_argument("--from", dest="day", default=FROM, help="the day from which texts are held out")
    asked = parser.parse_args(arguments)
    out = asked.out or Path(tempfile.mkdtemp(prefix="assess-"))
    out.mkdir(parents=True, exist_ok=True)
    later, compared = split(folder_of(asked.set), out, asked.day)
    chance = random.Random(SEED)
    queries = sorted(chance.sample(range(len(later.posts)), min(QUERIES, len(later.posts))))
    with (out / "queries.jsonl").open("w", encoding="utf-8") as file:
        for query in queries:
            post = later.posts[query]
            file.write(json.dumps({"id": post["id"], "text": f"{post['title']}\n{post['text']}"}) + "\n")
    written = []
    for name, truth in zip(("triples.tsv", "triples.share.tsv"), truths(later, compared, queries), strict=True):
        lines = triples(truth, chance)
        header = "kind\tanchor\tpositive\tnegative\tscore_pos\tscore_neg"
        (out / name).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        written.append(f"{len(lines):,} in {name}")
    print(f"{out}: {len(queries)} texts, {len(compared)} people; triples: {', '.join(written)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
