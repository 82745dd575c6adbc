"""Record all answers anew, or look at what moved.

    python -m tests.answers.record "why they moved"    write them, add a line to CHANGELOG.md, say what moved
    python -m tests.answers.record --into FOLDER       write them elsewhere, and nothing else
    python -m tests.answers.record --compare           ask, and say what moved; writes nothing
    python -m tests.answers.record --compare OLD NEW   two recordings: folders, or revisions of git

With --compare the exit code is 1 where something moved that says something else: an id, the order, a score, a part, a
confidence; and with --strict where anything did. `--allow rounding` leaves out the kinds that are named: keys,
sentences, versions, lines, rounding (a number that moved by 1e-12 at most, as answers about the network may).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.answers import recording
from tests.answers.asking import ask_all
from tests.answers.comparing import FORM, SHOWN, SUBSTANCE, Difference, compared, counts, told
from tests.answers.homes import write_homes
from tests.answers.questions import every_question
from tests.answers.recording import FOLDER, VERSIONS, Groups
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).parents[2]
CHANGES = ROOT / "CHANGELOG.md"


def ask_everything() -> Groups:
    """Write both organisations into a temporary folder and ask everything.

    On one thread: the last digits of the network's vectors, which its version is made of, depend on how many there are.
    """
    with threadpool_limits(1), tempfile.TemporaryDirectory(prefix="answers-") as folder:
        write_homes(Path(folder))
        return ask_all(Path(folder), every_question())


def moved(before: Groups, after: Groups) -> list[Difference]:
    """What moved. Where the other recording is of a machine that multiplies matrices in another way, last digits may,
    and with them the versions of the network."""
    found = compared(before, after)
    machines = [each.get(VERSIONS, {}).get("blas") for each in (before, after)]
    if machines[0] is None or machines[0] == machines[1]:
        return found
    return [each for each in found if each.kind not in ("rounding", "versions")]


def record(after: Groups, why: str, *, folder: Path = FOLDER, changes: Path = CHANGES) -> list[Difference]:
    """Write the answers, and a line about it; nothing where none moved. What moved."""
    found = moved(recording.read(folder), after)
    if found:
        recording.write(after, folder)
        with changes.open("a", encoding="utf-8") as file:
            file.write(f"- Recorded answers: {why.rstrip('.')}.\n")
    return found


def recorded_at(place: str) -> Groups:
    """The recording in a folder, or else at a revision of git. Raises `SystemExit` where there is none."""
    if Path(place).is_dir():
        return recording.read(Path(place))
    inside = FOLDER.relative_to(ROOT).as_posix()
    with tempfile.TemporaryDirectory(prefix="answers-") as folder:
        packed = subprocess.run(["git", "archive", place, inside], cwd=ROOT, check=False, capture_output=True)
        if packed.returncode:
            raise SystemExit(f"{place} is no folder, and git says: {packed.stderr.decode().strip()}")
        subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
        return recording.read(Path(folder) / inside)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 where all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("why", nargs="*", metavar="WHY", help="why answers moved; with --compare OLD and NEW")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="write the answers there, and nothing else")
    parser.add_argument("--compare", action="store_true", help="say what moved and write nothing")
    parser.add_argument("--strict", action="store_true", help="with --compare: exit 1 whatever moved")
    parser.add_argument("--allow", action="append", default=[], choices=FORM, help="with --compare: leave a kind out")
    parser.add_argument("--shown", type=int, default=SHOWN, help="with --compare: how many differences are printed")
    asked = parser.parse_args(arguments)
    if asked.into:
        recording.write(ask_everything(), asked.into)
        return 0
    if asked.compare:
        if len(asked.why) not in (0, 2):
            parser.error("--compare takes nothing, or two recordings")
        old, new = map(recorded_at, asked.why) if asked.why else (recording.read(), ask_everything())
        found = [each for each in moved(old, new) if each.kind not in asked.allow]
        print(told(found, shown=asked.shown) if found else "nothing moved")  # noqa: T201
        return int(any(asked.strict or each.kind in SUBSTANCE for each in found))
    if len(asked.why) != 1 or not asked.why[0].strip():
        parser.error("say in one sentence why answers moved; it becomes a line of CHANGELOG.md")
    found = record(ask_everything(), asked.why[0])
    print(f"{len(found):,} differences, recorded:\n{counts(found)}" if found else "nothing moved, nothing written")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
