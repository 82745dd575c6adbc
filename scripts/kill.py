"""The kill loop: no write that was acknowledged may be lost, whenever the process dies (promise C1).

    python scripts/kill.py [--kills N] [--seed N] [--folder FOLDER] [--json]

A child process writes batches through the real store and acknowledges each on a pipe. At a random moment it is killed
with SIGKILL. Then the record is opened again and every check in `CHECKS` looks at it: each acknowledged batch is there,
none is there in part, the log has no gap, the file is whole, and what answers from the record holds exactly its posts.
The same record goes through all the kills.

A kill that lands between two batches proves little, so at least 90 % have to land inside a transaction: the child keeps
a byte in a shared file that says whether it is in one, and the parent waits with the kill until it is.
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import apsw

from expertfinder.model import ORGANISATION, Audience, Fact, Interaction, Person, Post, Source
from expertfinder.store import Store, open_store

KILLS: Final = 40
LONGEST_LIFE: Final = 0.3  # seconds from the first acknowledgement to the kill, at most
LONGEST_START: Final = 20.0  # seconds that a child may take to its first acknowledgement on a busy machine
LONGEST_WAIT: Final = 0.05  # seconds that a kill is put off until a transaction is open
INSIDE_SHARE: Final = 0.9
POSTS_A_BATCH: Final = 60
INDEXED_POSTS: Final = 6_000  # as long as the record has no more, its index is compared: the first few kills
FRESH_POSTS: Final = 1_500  # above this many in the fresh tier, the index is built anew
INSIDE, OUTSIDE = b"\x01", b"\x00"


# --- what is written -------------------------------------------------------------------------------------------------


def batch(number: int) -> list[Fact]:
    """The facts of a batch are a function of its number alone, so that the parent knows what must be there."""
    draw = random.Random(number)
    author = f"kill:person-{number % 50}"
    facts: list[Fact] = [
        Source(id="kill:last", audience=ORGANISATION, description=str(number)),  # changed by every batch
        Person(id=author, source="kill", title=f"has written in batch {number}", audience=ORGANISATION),
    ]
    for place in range(POSTS_A_BATCH):
        post = f"kill:{number:06}-{place:03}"
        secret = Audience("private", people=(author,))
        audience = ORGANISATION if place % 3 else secret
        text = f"{draw.getrandbits(2000):x}"
        facts.append(Post(id=post, source="kill", authors=(author,), text=text, audience=audience))
        facts.append(Interaction(id=post, source="kill", actor=author, verb="reply", object=post, audience=audience))
    return facts


def write_for_ever(record: Path, flag: Path) -> None:
    """The child: write batch after batch and acknowledge each, until killed."""
    with flag.open("r+b") as file:
        inside = mmap.mmap(file.fileno(), 1)

    def note(event: dict[str, object]) -> None:
        statement = str(event["sql"])
        if event["code"] == apsw.SQLITE_TRACE_STMT and statement.startswith("BEGIN"):
            inside[:] = INSIDE
        elif event["code"] == apsw.SQLITE_TRACE_PROFILE and statement.startswith(("COMMIT", "ROLLBACK")):
            inside[:] = OUTSIDE

    trace = apsw.SQLITE_TRACE_STMT | apsw.SQLITE_TRACE_PROFILE
    apsw.connection_hooks.append(lambda connection: connection.trace_v2(trace, note))
    store = open_store(record)
    number = last_batch(store) + 1
    while True:
        facts = batch(number)
        receipt = store.apply(facts)
        os.write(sys.stdout.fileno(), f"{number} {receipt.sequence}\n".encode())
        number += 1


def last_batch(store: Store) -> int:
    """The number of the newest batch that is there; -1 for an empty record."""
    marks = store.get("source", ["kill:last"])
    return int(marks[0].description) if marks else -1


# --- what is checked after each restart ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Restart:
    """What the checks may look at: the record opened anew, and what had been acknowledged before the kill."""

    record: Path
    store: Store
    acknowledged: int
    """The number of the last acknowledged batch; -1 for none."""
    sequence: int
    """The sequence number that came with it."""
    checked: int
    """Batches up to this number were found whole after an earlier kill."""


def nothing_acknowledged_is_lost(restart: Restart) -> str | None:
    """The newest batch is the acknowledged one, or the one after it (killed between the commit and the pipe)."""
    newest = last_batch(restart.store)
    if newest not in (restart.acknowledged, restart.acknowledged + 1):
        return f"batch {restart.acknowledged} was acknowledged, and the newest one that is there is {newest}"
    if restart.store.sequence() < restart.sequence:
        return f"change {restart.sequence} was acknowledged, and the last one is {restart.store.sequence()}"
    return None


def every_batch_is_whole(restart: Restart) -> str | None:
    """Each batch that was ever written is there with all its facts, and nothing of any other."""
    newest = last_batch(restart.store)
    for number in range(restart.checked + 1, newest + 1):
        facts = batch(number)
        for kind, fact_type in (("post", Post), ("interaction", Interaction)):
            wanted = [fact for fact in facts if isinstance(fact, fact_type)]
            there = restart.store.get(kind, [fact.id for fact in wanted])  # type: ignore[call-overload]
            if there != wanted:
                return f"batch {number} is not whole: {len(there)} of {len(wanted)} of its facts of kind {kind}"
    for counted in (restart.store.count("post"), restart.store.count("interaction")):
        if counted != POSTS_A_BATCH * (newest + 1):
            return f"{newest + 1} batches make {POSTS_A_BATCH * (newest + 1)} of a kind, and {counted} are there"
    return None


def the_log_has_no_gap(restart: Restart) -> str | None:
    """The numbers since the last acknowledgement follow one another up to the store's own."""
    since = max(restart.sequence - 1000, 0)
    numbers = [change.sequence for change in restart.store.changes(since)]
    if numbers != list(range(since + 1, restart.store.sequence() + 1)):
        return (
            f"the log after {since} goes {numbers[:3]}...{numbers[-3:]}, the last number is {restart.store.sequence()}"
        )
    return None


def the_file_is_whole(restart: Restart) -> str | None:
    """SQLite's own check of every page, row and index (a read-only connection finds less, so this one is not)."""
    connection = apsw.Connection(str(restart.record), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    finally:
        connection.close()
    return None if found == ["ok"] else "; ".join(found[:3])


def the_index_equals_the_record(restart: Restart) -> str | None:
    """What answers, the snapshot and the fresh tier beside it, holds every post of the record as it is, and no other.

    Only while the record is small: the index of a small one shows as much. It is built anew when the fresh tier has
    grown, so that both ways to a post are seen.
    """
    if restart.store.count("post") > INDEXED_POSTS:
        return None
    # The writer starts once a kill and needs none of this.
    from expertfinder.ask.finder import ExpertFinder  # noqa: PLC0415
    from expertfinder.ask.home import Home  # noqa: PLC0415
    from expertfinder.index.encoders.encoder import DEFAULT, encoder  # noqa: PLC0415
    from expertfinder.index.posts.segment import fact_digest  # noqa: PLC0415

    home, encode = Home(restart.record.parent), encoder(DEFAULT)
    finder = ExpertFinder(home, restart.store, encode=encode)
    finder.refresh()
    if not finder.ready or len(finder.snapshot.fresh) > FRESH_POSTS:
        home.build_index(restart.store, encode=encode)
        finder.refresh()
    now = finder.snapshot
    held: dict[str, int] = {}
    for tier in (now.tiers.shared, now.tiers.restricted, now.tiers.fresh):
        for row, post in enumerate(tier.segment.ids):
            if tier.alive[row]:
                if post in held:
                    return f"the index holds the post {post} twice"
                held[post] = int(tier.segment.digests[row])
    wanted = {post.id: int(fact_digest(home.secret(), post)) for post in restart.store.all("post")}
    if held != wanted:
        wrong = sorted(post for post in held.keys() | wanted.keys() if held.get(post) != wanted.get(post))
        return f"{len(wrong)} posts are not in the index as they are in the record, {wrong[0]} among them"
    return None


# What derives from the record is checked here too: a check takes a `Restart` and says what it found wrong, or None.
CHECKS: list[Callable[[Restart], str | None]] = [
    nothing_acknowledged_is_lost,
    every_batch_is_whole,
    the_log_has_no_gap,
    the_file_is_whole,
    the_index_equals_the_record,
]


# --- the loop --------------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What the loop found."""

    kills: int = 0
    inside: int = 0
    acknowledged: int = 0
    """Batches."""
    unacknowledged_whole: int = 0
    """Kills after which the batch under way was there, whole: its commit was done, only the pipe did not hear of it."""
    slowest_restart: float = 0.0
    """Seconds from opening the record to its first answer."""
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)

    @property
    def enough_inside(self) -> bool:
        """Whether so many kills landed inside a transaction that the loop proves something."""
        return self.inside >= INSIDE_SHARE * self.kills

    @property
    def good(self) -> bool:
        """Whether nothing was lost and the loop proves it."""
        return not self.findings and self.enough_inside and self.acknowledged > 0


def run(folder: Path, kills: int, seed: int) -> Outcome:
    """Kill `kills` writers of one record in `folder`, one after the other, and check it after each."""
    draw = random.Random(seed)
    outcome = Outcome()
    started = time.perf_counter()
    record, flag = folder / "facts.db", folder / "inside"
    checked, sequence = -1, 0
    for _ in range(kills):
        flag.write_bytes(OUTSIDE)
        acknowledged, sequence_now, inside = one_life(record, flag, draw.uniform(0.0, LONGEST_LIFE))
        sequence = max(sequence, sequence_now)
        outcome.kills += 1
        outcome.inside += inside
        outcome.acknowledged += max(acknowledged - checked, 0)
        opened = time.perf_counter()
        store = open_store(record)
        newest = last_batch(store)
        outcome.slowest_restart = max(outcome.slowest_restart, time.perf_counter() - opened)
        outcome.unacknowledged_whole += newest > acknowledged
        restart = Restart(record, store, acknowledged, sequence, checked)
        found = [(check.__name__, check(restart)) for check in CHECKS]
        store.close()
        outcome.findings += [f"kill {outcome.kills}: {name}: {text}" for name, text in found if text]
        if outcome.findings:
            break
        checked = newest
    outcome.seconds = time.perf_counter() - started
    return outcome


def one_life(record: Path, flag: Path, life: float) -> tuple[int, int, bool]:
    """Start a writer and kill it. The last batch and number acknowledged, and whether it died in a transaction."""
    command = [sys.executable, __file__, "--writer", str(record), str(flag)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert child.stdout is not None
        first = child.stdout.readline()  # from here on it is writing
        if not first:
            raise SystemExit(f"the writer ended by itself with {child.wait(LONGEST_START)}")
        time.sleep(life)
        with flag.open("rb") as file, mmap.mmap(file.fileno(), 1, access=mmap.ACCESS_READ) as shared:
            latest = time.perf_counter() + LONGEST_WAIT
            while shared[:] == OUTSIDE and time.perf_counter() < latest:
                pass
            child.send_signal(signal.SIGKILL)
            child.wait(LONGEST_START)
            inside = shared[:] == INSIDE
        rest = child.stdout.read()  # a line is written in one piece, so only whole lines are there
    finally:
        child.kill()
        child.wait(LONGEST_START)
        if child.stdout is not None:
            child.stdout.close()
    number, sequence = (first + rest).split(b"\n")[-2].split()
    return int(number), int(sequence), inside


def main(arguments: list[str] | None = None) -> int:
    """Run the loop and print what it found; 1 when something was lost or the loop proves too little."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=None, help="of the moments (default: another one each time)")
    parser.add_argument("--folder", type=Path, help="where the record is written (default: a temporary folder)")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--writer", nargs=2, type=Path, metavar=("RECORD", "FLAG"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.writer:
        write_for_ever(*chosen.writer)
    seed = random.SystemRandom().getrandbits(32) if chosen.seed is None else chosen.seed
    with tempfile.TemporaryDirectory(prefix="kill-", dir=chosen.folder) as folder:
        outcome = run(Path(folder), chosen.kills, seed)
    if chosen.json:
        print(json.dumps({**asdict(outcome), "seed": seed, "good": outcome.good}))
    else:
        print(
            f"{outcome.kills} kills in {outcome.seconds:.1f} s (seed {seed}), {outcome.inside} inside a transaction;"
            f" {outcome.acknowledged} batches acknowledged, slowest restart {outcome.slowest_restart * 1000:.0f} ms"
        )
        print("\n".join(outcome.findings) or "nothing lost")
        if not outcome.enough_inside:
            print(f"too few kills landed inside a transaction: {outcome.inside} of {outcome.kills}")
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
