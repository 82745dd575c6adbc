"""Measures our ranking beside the baselines, on every set that is at hand.

    python scripts/evaluate.py [NAME ...]

Sets are the folders under EXPERTFINDER_SETS that have posts, queries and judgements in the native format. Without any,
the demo organisation is written and its planted truth is measured, and that is said.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

NEEDED = ("people.jsonl", "posts.jsonl", "queries.jsonl", "qrels.tsv")


def main(names: list[str]) -> int:
    """Evaluate the named sets, or all. The exit code is that of the first evaluation that failed, else 0."""
    product = Path(sys.executable).with_name("expertfinder")
    sets = [folder for folder in folders() if not names or folder.name in names]
    unknown = set(names) - {folder.name for folder in sets}
    if unknown:
        raise SystemExit(f"no such set under EXPERTFINDER_SETS: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as place:
        if not sets:
            print(
                "EXPERTFINDER_SETS names no evaluation set: this measures the planted truth of the demo organisation."
            )
            sets = [written(product, Path(place))]
        for folder in sets:
            print(f"\n== {folder.name} ==", flush=True)
            answer = subprocess.run([product, "evaluate", folder], check=False)
            if answer.returncode:
                return answer.returncode
    return 0


def folders() -> list[Path]:
    """The sets that can be evaluated, by name."""
    bases = [Path(base) for base in os.environ.get("EXPERTFINDER_SETS", "").split(os.pathsep) if base]
    found = [folder for base in bases if base.is_dir() for folder in base.iterdir()]
    return sorted(folder for folder in found if all((folder / name).is_file() for name in NEEDED))


def written(product: Path, place: Path) -> Path:
    """The demo organisation's own set, in a home of its own that goes when the evaluation is over."""
    subprocess.run([product, "demo", "--home", place, "--json"], check=True, stdout=subprocess.DEVNULL)
    return place / "demo"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
