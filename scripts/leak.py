"""Look for leaks as long as one likes: the checks L1 and L2 of the suite over many drawn worlds.

    python scripts/leak.py [--worlds N] [--tightened N] [--seed N] [--json]

A world that shows a difference is named by its numbers, so that `tests.leak.worlds.world(...)` makes it again; the
exit status is 1 then. It is also 1 when too few of the worlds held anything to leak, for then they proved nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checks live in tests/

from tests.leak.noninterference import Rig
from tests.leak.worlds import World, world

WORLDS: Final = 5000
TIGHTENED: Final = 1000
LARGEST: Final = (12, 60, 50)  # people, posts and acts of the largest world; the suite's are a third of it
HOLD_A_SECRET: Final = 0.5  # of the worlds, at least


def drawn(seed: int) -> World:
    """The world of a number, of any size."""
    rng = random.Random(f"leak:{seed}")
    people, posts, acts = (rng.randint(3, most) for most in LARGEST)
    return world(seed, people=people, posts=posts, acts=acts)


def look(rig: Rig, check: Callable[[World], list[str]], *, first: int, count: int, name: str) -> dict[str, object]:
    """Run one check over `count` worlds. What was seen, and the worlds that differ."""
    began, leaks = time.monotonic(), []
    for seed in range(first, first + count):
        found = check(drawn(seed))
        if found:
            leaks.append({"world": drawn(seed).name, "answers": len(found), "first": found[0]})
        if (seed - first + 1) % 50 == 0:
            print(f"{name}: {seed - first + 1} of {count} worlds, {len(leaks)} leaks", file=sys.stderr)
    return {**asdict(rig.survey), "leaks": leaks, "seconds": round(time.monotonic() - began, 1)}


def main() -> int:
    """Run both checks and say what they found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=WORLDS, help="worlds with and without their secrets (L1)")
    parser.add_argument("--tightened", type=int, default=None, help="secrets that were open at first (L2); a fifth")
    parser.add_argument("--seed", type=int, default=1_000_000, help="number of the first world")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on stdout")
    asked = parser.parse_args()
    tightened = asked.tightened if asked.tightened is not None else min(TIGHTENED, asked.worlds // 5)
    one, other = Rig(), Rig()
    figures = {
        "L1": look(one, lambda drawn: one.compare(drawn, count=3), first=asked.seed, count=asked.worlds, name="L1"),
        "L2": look(other, other.compare_tightened, first=asked.seed, count=tightened, name="L2"),
    }
    vacuous = one.survey.insider_differs < HOLD_A_SECRET * one.survey.worlds
    if asked.json:
        print(json.dumps(figures, indent=1))
    else:
        for name, figure in figures.items():
            print(f"{name}: {figure['worlds']} worlds, {figure['answers']} answers, {figure['different']} differ")
        for leak in [*figures["L1"]["leaks"], *figures["L2"]["leaks"]][:3]:  # type: ignore[misc]
            print(leak["world"], leak["first"], sep="\n")
    return 1 if vacuous or one.survey.different or other.survey.different else 0


if __name__ == "__main__":
    sys.exit(main())
