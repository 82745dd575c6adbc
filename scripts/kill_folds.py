"""Kills while an index is folded: none of what was acknowledged is lost, and answers are those of a build.

    python scripts/kill_folds.py [--kills N] [--seed N]

A child of this process applies a few posts, acknowledges them on a pipe and folds them into the index, again and again.
It is killed with SIGKILL at a random moment after the new snapshot has begun to be written. Then the home is opened
again: the snapshot must be as it was written, and hold, with what came since, every post of the record and every post
that was acknowledged. After the last kill the index is folded once more, the same record is built in another home, and
both answer the same questions.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.index.encoders.encoder import DEFAULT, Encoder, encoder
from expertfinder.index.published import checksums, current_name, unsealed
from expertfinder.model import Query, Viewer

sys.path.insert(0, str(Path(__file__).parents[1]))
from scripts import generated

POSTS = 400
"""Posts at the beginning: a fold of them takes some tenths of a second, and a hundred kills a few minutes."""
AT_ONCE = 10
"""Posts that come before each fold."""
ASKED = 20
"""Questions that both homes are asked at the end."""


def main() -> int:
    """Kill and look. The exit code is 0 where nothing was lost and all answers are alike."""
    parser = argparse.ArgumentParser(description="Kill a process while it folds; check record, index and answers.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw, encode = random.Random(options.seed), encoder(DEFAULT)
    size = generated.Size(POSTS // 10, POSTS, POSTS * generated.ACTS)
    with tempfile.TemporaryDirectory(prefix="expertfinder-kill-") as temporary:
        home = Home(Path(temporary) / "home")
        store = home.open_store()
        generated.load(store, generated.organisation(size))
        home.build_index(store, encode=encode, as_of=generated.AS_OF)
        began = time.perf_counter()
        home.fold_index(store, encode=encode, as_of=generated.AS_OF)
        longest = time.perf_counter() - began  # from its first file on a fold takes less
        store.close()
        acknowledged, published = POSTS, 0
        for _ in range(options.kills):
            before = current_name(home.index)
            acknowledged = _killed(home, encode, size, acknowledged, draw.uniform(0, longest))
            published += current_name(home.index) != before
            wrong = _look(home, acknowledged)
            if wrong:
                print(wrong)
                return 1
        same = _alike(home, encode, size)
    print(
        f"{options.kills} kills while an index was folded, {published} after its publication: 0 of "
        f"{acknowledged - POSTS} acknowledged posts lost, every snapshot as it was written, "
        f"answers {'as of a build' if same else 'OTHER THAN of a build'}"
    )
    return 0 if same else 1


def _killed(home: Home, encode: Encoder, size: generated.Size, there: int, after: float) -> int:
    """Let a child apply posts and fold until it is killed so many seconds after a snapshot has begun to be written. How
    many posts were acknowledged."""
    told, tells = os.pipe()
    left = set(home.index.glob("building-*"))
    child = os.fork()
    if child == 0:
        try:
            _fold_on(home, encode, generated.Size(size.people, there, size.interactions), tells)
        finally:
            os._exit(1)
    os.close(tells)
    try:
        while not any(path.parent not in left for path in home.index.glob("building-*/*")):
            if os.waitpid(child, os.WNOHANG)[0]:
                raise SystemExit("the child that folds ended by itself")
            time.sleep(0.002)
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(told, "rb") as pipe:
            return there + AT_ONCE * len(pipe.read())
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise


def _fold_on(home: Home, encode: Encoder, size: generated.Size, tells: int) -> None:
    store, after = home.open_store(), size.posts
    while True:
        posts = generated.more_posts(generated.Size(size.people, after, size.interactions), AT_ONCE)
        store.apply(posts)
        os.write(tells, b".")
        after += AT_ONCE
        home.fold_index(store, encode=encode, as_of=generated.AS_OF)


def _look(home: Home, acknowledged: int) -> str:
    """What is wrong with the home; empty where nothing is."""
    folder = home.index / str(current_name(home.index))
    now = checksums(folder)
    for name, written in unsealed(folder)["files"].items():
        if now.get(name) != tuple(written):
            return f"the file {name} of the published snapshot is not as it was written"
    with closing(ExpertFinder.open(home.folder, encoder_name=DEFAULT)) as finder:
        finder.refresh()
        record = {post.id for post in finder.store.all("post")}
        tiers = (finder.snapshot.shared, finder.snapshot.restricted, finder.snapshot.fresh)
        held = [
            post for tier in tiers for post, alive in zip(tier.segment.ids, tier.alive.tolist(), strict=True) if alive
        ]
    missing = {f"s:d{number:07d}" for number in range(acknowledged)} - record
    if missing:
        return f"{len(missing)} acknowledged posts are not in the record, {min(missing)} among them"
    if sorted(held) != sorted(record):
        return f"the index holds {len(held)} posts, the record {len(record)}"
    return ""


def _alike(home: Home, encode: Encoder, size: generated.Size) -> bool:
    """Whether the home, folded once more, answers as one does that is built of the same record."""
    with tempfile.TemporaryDirectory(prefix="expertfinder-kill-") as temporary:
        anew = Home(Path(temporary) / "home", facts=str(home.record))
        anew.folder.mkdir(parents=True)
        shutil.copy(home.folder / "secret", anew.folder / "secret")
        store = home.open_store()
        home.fold_index(store, encode=encode, as_of=generated.AS_OF)
        anew.build_index(store, encode=encode, as_of=generated.AS_OF)
        texts = generated.questions(store, size, ASKED)
        store.close()
        answers = []
        for one in (home, anew):
            with closing(ExpertFinder.open(one, encoder_name=DEFAULT)) as finder:
                member = finder.viewers(limit=1)[0]
                eyes = (Viewer(), Viewer(member.id, frozenset(member.groups)))
                answers.append([finder.find(Query(text=text), eye) for text in texts for eye in eyes])
        return answers[0] == answers[1] and any(answer.recommendations for answer in answers[0])


if __name__ == "__main__":
    raise SystemExit(main())
