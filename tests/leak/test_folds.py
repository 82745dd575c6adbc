"""A fold holds what a build from the record would hold, after whatever came, changed, was hidden or went."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import orjson
import pytest
from tests.leak.crawl import AS_OF, opened
from tests.leak.test_fresh import PEOPLE, post
from tests.leak.test_looks import lived, step
from tests.leak.worlds import LAST
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.oneself.erasing import belongings_of
from expertfinder.index import build
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.network.view import network_view
from expertfinder.index.posts.bm25 import Words
from expertfinder.index.published import MANIFEST, unsealed
from expertfinder.index.snapshot import open_snapshot
from expertfinder.model import Viewer
from expertfinder.store import Store

ENCODE = encoder(DEFAULT)
APART = {"engine", "ties", "every", MANIFEST, "audiences.json", "communities.json"}
"""What is compared otherwise: the network stays as it was, the engine draws names for its files."""
FOR_WHOM = {"audience", "act_audience", "for_whom"}
"""Columns of rows of the table of audiences, which are compared as what they mean."""


def held(made: Path) -> dict[str, Any]:
    """All that a snapshot holds but for its network, with audiences by their keys."""
    keys = [orjson.dumps(entry) for entry in orjson.loads((made / "audiences.json").read_bytes())]
    found: dict[str, Any] = {}
    for path in sorted(made.rglob("*")):
        name = path.relative_to(made)
        if path.suffix == ".npy" and name.parts[0] != "ties":
            column = np.load(path)
            found[str(name)] = [keys[row] for row in column.tolist()] if path.stem in FOR_WHOM else column
        elif path.suffix == ".json" and name.parts[0] not in APART:
            found[str(name)] = path.read_bytes()
    acted = [found.pop(f"every/{name}.npy") for name in ("person", "audience", "post", "day")]
    dealt = [found.pop(f"every/{name}.npy") for name in ("author", "actor", "for_whom", "dealt_in")]
    found["acted"], found["dealt"] = (Counter(zip(*columns, strict=True)) for columns in (acted, dealt))
    found.pop("engine_rows.npy")
    now = open_snapshot(made.parent, encode=ENCODE)
    asked = [Words.of([word], now.term_rows, now.statistics) for word in now.terms[:60]]
    found["fetched"] = [
        now.engine.fetch(words, now.statistics, most).tolist() for words in asked for most in (1, 3, 20)
    ]
    manifest = unsealed(made)
    found["digests"] = {key: value for key, value in manifest["digests"].items() if int(value, 16)}
    found["times"] = [manifest[name] for name in ("as_of", "span", "calendar", "pinned")]
    return found


def apart(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Names of what two snapshots do not have alike."""
    assert one.keys() == other.keys()
    return [name for name, value in one.items() if not _alike(value, other[name])]


def _alike(value: Any, other: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype == other.dtype and value.tobytes() == other.tobytes()
    return bool(value == other)


def folded(finder: ExpertFinder) -> Path:
    """The snapshot of a fold."""
    finder.home.fold_index(finder.store, encode=ENCODE, as_of=AS_OF)
    finder.refresh()
    return finder.home.index / finder.snapshot.manifest.name


def built(finder: ExpertFinder, folder: Path) -> Path:
    """The snapshot of a build of the same record, in another home."""
    shutil.rmtree(folder, ignore_errors=True)
    home = Home(folder, facts=str(finder.home.record))
    folder.mkdir(parents=True)
    shutil.copy(finder.home.folder / "secret", folder / "secret")
    home.build_index(finder.store, encode=ENCODE, as_of=AS_OF)
    return home.index / (home.index / "current").read_text()


def tied(finder: ExpertFinder) -> list[object]:
    """Who is tied to whom, and has a part in which post, as everybody may see it."""
    net = network_view(finder.view(Viewer()))
    who, posts = [one.id for one in net.seen.snapshot.people], net.seen.snapshot.shared.segment.ids
    found: list[object] = []
    for matrix, names in ((net.turned_to, who), (net.mutual, who), (net.part, posts)):
        cells = matrix.tocoo()
        columns = (cells.row.tolist(), cells.col.tolist(), cells.data.tolist())
        found.append(sorted((who[row], names[column], value) for row, column, value in zip(*columns, strict=True)))
    return [*found, [sorted(who[row] for row in net.members(column)) for column in range(len(net.communities))]]


def forget(store: Store, rng: Random) -> None:
    """Somebody is erased, with all records that are theirs."""
    people = [person.id for person in store.all("person")]
    if people:
        theirs = belongings_of(store, rng.choice(sorted(people)))
        for record in theirs.records:
            store.erase(record, keys=theirs.keys)


@pytest.mark.parametrize("seed", range(size("folds")))
def test_a_fold_holds_what_a_build_holds(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random(f"folds {seed}")
    monkeypatch.setattr(build, "LOT", 1 + seed % 9)  # of posts that a build reads at once: it moves nothing
    with lived(seed, rng) as (finder, _, facts):
        for _ in range(3):
            finder.refresh()
            before = tied(finder)
            made = folded(finder)
            assert tied(finder) == before
            assert not apart(held(made), held(built(finder, tmp_path / "anew")))
            for _ in range(3):
                step(finder.store, rng, facts, people=seed % 3 == 0)
            if seed % 3 == 1:
                forget(finder.store, rng)


def test_posts_that_are_read_some_at_a_time_make_the_same_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lived(4, Random("lots")) as (finder, _, facts):
        for _ in range(3):
            step(finder.store, Random("more"), facts, people=True)
        ways = []
        for lot in (10_000, 1, 7):
            monkeypatch.setattr(build, "LOT", lot)
            made = built(finder, tmp_path / str(lot))
            ties = {path.name: path.read_bytes() for path in sorted((made / "ties").iterdir())}
            tables = [(made / f"{name}.json").read_bytes() for name in ("audiences", "communities", "records")]
            ways.append((held(made), ties, tables))
        whole = ways[0]
        assert len(orjson.loads(whole[0]["shared/ids.json"])) > 7
        for held_now, ties, tables in ways[1:]:
            assert not apart(held_now, whole[0])
            assert (ties, tables) == whole[1:]


def test_a_fold_makes_near_copies_of_what_came_weaker_by_as_much_as_a_build(tmp_path: Path) -> None:
    said = "the halyard splice that held every gale of the autumn needs tarred marline around both of its ends"
    copies = [post(f"h{n}", "ada", f"{said} {n}", created_at=LAST - timedelta(days=n)) for n in range(1, 5)]
    shared_out = replace(copies[3], authors=("a:ada", "a:ben"))
    with opened((*PEOPLE, *copies[:3], shared_out, post("k", "ben", "kubernetes proxy"))) as finder:
        for number in (5, 6):
            built_with = finder.snapshot.shared.segment.act_strength
            finder.store.apply([post(f"h{number}", "ada", f"{said} {number}")])
            finder.refresh()
            assert finder.snapshot.fresh.segment.ids == [f"a:h{number}"]
            assert (finder.snapshot.shared.segment.act_strength < built_with).any(), "near-copies of it are weaker"
            assert not apart(held(folded(finder)), held(built(finder, tmp_path / "anew")))
        strengths = finder.snapshot.shared.segment.act_strength
        assert strengths.min() < 0.1 < strengths.max()
