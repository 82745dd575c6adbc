"""What waits beside a snapshot: how much of it, and how it is kept in its folder, so that a process that starts goes on
from there and reads no post again that another one has read.

What is kept is of no other value: what cannot be read, or is not as it was written, is left alone, and everything is
read again. It goes with the snapshot.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
import orjson

from expertfinder.errors import FormatNotSupported
from expertfinder.index import arrays
from expertfinder.index.arrays import gather
from expertfinder.index.fresh.changes import Look, wrote_before
from expertfinder.index.fresh.crowd import Crowd
from expertfinder.index.fresh.replies import replies_of
from expertfinder.index.fresh.touched import Touched
from expertfinder.index.people.directory import Directory
from expertfinder.index.people.labels import said_today
from expertfinder.index.people.last_acts import LastActs
from expertfinder.index.people.turned_to import TurnedTo
from expertfinder.index.people.withdrawn import without_withdrawn
from expertfinder.index.posts.segment import Segment, open_people, row, shared_audiences
from expertfinder.index.posts.tiers import Tier
from expertfinder.index.published import FORMAT, MANIFEST, checksums, sealed, unsealed, verify
from expertfinder.index.snapshot import Snapshot, audience_in, community_in, person_in, rights_in

ENOUGH = 1_000
"""Posts that were read since the last time, from which on what waits is written: reading so many takes a quarter of a
CPU second, and writing 20,000 as much."""
BEGINS = "waiting-"
"""How the name of its folder begins, inside that of the snapshot."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """What of a look is arrays."""

    strengths: np.ndarray
    shared: np.ndarray
    restricted: np.ndarray
    moved_shared: np.ndarray
    """int64: the acts of the build that are as strong now as the next column says."""
    strong_shared: np.ndarray
    moved_restricted: np.ndarray
    strong_restricted: np.ndarray


def shared_changes(snapshot: Snapshot) -> int:
    """How many posts and acts of the shared tier came or went since the snapshot was built; what changed did both.

    People who came count, too; that somebody wrote a post counts with the post.
    Made of the shared tier alone: a shared post that was read again because of an act that not everybody may see, or of
    somebody who may not be found by all, has the digests that it had, and counts for nothing.
    """
    shared = shared_audiences(snapshot.audiences)
    authored = snapshot.families.index("authored")
    visible = open_people(snapshot.people)

    def digests(segment: Segment, rows: np.ndarray) -> np.ndarray:
        posts = segment.digests[rows][shared[segment.audience[rows]]]
        acts, _ = gather(segment.act_indptr, rows)
        acts = acts[shared[segment.act_audience[acts]] & (segment.act_family[acts] != authored)]
        return np.concatenate([posts, segment.act_digests[acts[visible[segment.act_person[acts]]]]])

    was = digests(snapshot.shared.segment, snapshot.shared.gone)
    fresh = snapshot.fresh.segment
    came = int(visible[len(snapshot.standing.activity) :].sum())
    return len(np.setxor1d(was, digests(fresh, np.arange(len(fresh))))) + came


def save_waiting(folder: Path, base: Snapshot, touched: Touched, *, sequence: int) -> None:
    """Write the look of `touched`, which holds the changes up to `sequence`, into the folder of its snapshot `base`.

    Where the folder is gone, the disk is full or may not be written, nothing is.
    """
    look = touched.look
    assert look is not None
    try:
        work = Path(tempfile.mkdtemp(prefix=f".{BEGINS}", dir=folder))
    except OSError:
        return
    try:
        arrays.save(look.segment, work / "segment")
        alive = (tier.alive for tier in look.built)
        strong = (_moved(tier, now) for tier, now in zip((base.shared, base.restricted), look.built, strict=True))
        arrays.save(_Rows(look.strengths, *alive, *chain.from_iterable(strong)), work / "rows")
        arrays.save(look.last_acts, work / "last_acts")
        arrays.save(look.turned_to, work / "turned_to")
        words = list(base.term_rows)[len(base.terms) :]
        tables = {
            "posts": sorted(touched.posts),
            "flags": [touched.people, touched.erased, touched.communities],
            "people": look.crowd.people if touched.people else None,
            "records": look.crowd.rows if touched.people else None,
            "rights": {name: asdict(right) for name, right in look.crowd.rights.items()} if touched.people else None,
            "apart": sorted(look.crowd.apart),
            "communities": look.communities if touched.people or touched.communities else None,
            "audiences": look.audiences,
            "tags": look.tags,
            "unknown": {post: sorted(names) for post, names in look.unknown.items()},
            "came": {post: sorted(said) for post, said in look.came.items()},
            "machine_posts": look.machine_posts,
            "digests": {key: f"{value:x}" for key, value in look.digests.items()},
            "words": words,
        }
        (work / "tables.json").write_bytes(orjson.dumps(tables))
        made = {"format": FORMAT, "of": base.manifest.name, "sequence": sequence, "files": checksums(work)}
        (work / MANIFEST).write_bytes(sealed(made))
        old = _folders(folder)
        os.rename(work, folder / f"{BEGINS}{sequence:020}")
    except OSError:
        shutil.rmtree(work, ignore_errors=True)
        return
    for path in old:
        shutil.rmtree(path, ignore_errors=True)


def load_waiting(folder: Path, base: Snapshot) -> tuple[Touched, int] | None:
    """What was touched since the snapshot `base`, with the look at it, up to a change; `None` where none is kept."""
    for path in reversed(_folders(folder)):
        try:
            made = unsealed(path)
            if made["of"] != base.manifest.name:
                continue
            verify(path.name, path, made["files"])
            return _loaded(path, base), int(made["sequence"])
        except (FormatNotSupported, OSError, ValueError, LookupError, TypeError):
            continue
    return None


def _folders(folder: Path) -> list[Path]:
    """What is kept of a snapshot, the oldest first."""
    return sorted(path for path in folder.iterdir() if path.name.startswith(BEGINS))


def _moved(before: Tier, now: Tier) -> tuple[np.ndarray, np.ndarray]:
    """The acts of a tier of the build that are not as strong as they were, and how strong they are."""
    was, is_ = before.segment.act_strength, now.segment.act_strength
    acts = np.flatnonzero(was != is_) if was is not is_ else np.empty(0, np.int64)
    return acts, np.asarray(is_[acts])


def _with(segment: Segment, acts: np.ndarray, strong: np.ndarray) -> Segment:
    """A segment in which these acts are so strong."""
    if not len(acts):
        return segment
    strengths = segment.act_strength.copy()
    strengths[acts] = strong
    return replace(segment, act_strength=strengths)


def _loaded(path: Path, base: Snapshot) -> Touched:
    tables = orjson.loads((path / "tables.json").read_bytes())
    people, erased, communities = tables["flags"]
    crowd = Crowd(base.people, base.person_rows, base.rights, set(tables["apart"]))
    directory = base.directory
    if people:
        rights = {name: rights_in(of) for name, of in tables["rights"].items()}
        crowd = Crowd(list(map(person_in, tables["people"])), tables["records"], rights, set(tables["apart"]))
        directory = Directory(crowd.people, base.lexicon.languages)
    for word in tables["words"]:
        row(base.term_rows, word)
    rows = arrays.load(_Rows, path / "rows")
    segment = arrays.load(Segment, path / "segment")
    built = (
        replace(
            base.shared,
            segment=_with(base.shared.segment, rows.moved_shared, rows.strong_shared),
            alive=rows.shared,
        ),
        replace(
            base.restricted,
            segment=_with(base.restricted.segment, rows.moved_restricted, rows.strong_restricted),
            alive=rows.restricted,
        ),
    )
    audiences = list(map(audience_in, tables["audiences"]))
    found = tables["communities"]
    touched = Touched(set(tables["posts"]), people, erased=erased, communities=communities, since=Touched())
    touched.look = Look(
        crowd=crowd,
        directory=directory,
        communities=base.communities if found is None else list(map(community_in, found)),
        replies=replies_of(base),
        built=built,
        wrote=wrote_before(base),
        segment=segment,
        strengths=rows.strengths,
        audiences=audiences,
        tags=tables["tags"],
        unknown={post: frozenset(names) for post, names in tables["unknown"].items()},
        came={post: frozenset(said) for post, said in tables["came"].items()},
        machine_posts={post: tuple(authors) for post, authors in tables["machine_posts"].items()},
        digests={key: int(value, 16) for key, value in tables["digests"].items()},
        sums=without_withdrawn(base, replace(segment, act_strength=rows.strengths), ~rows.shared),
        said=said_today(base, built[0], segment, audiences, crowd.people),
        last_acts=arrays.load(LastActs, path / "last_acts"),
        turned_to=arrays.load(TurnedTo, path / "turned_to"),
    )
    return touched
