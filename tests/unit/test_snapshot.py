"""A snapshot is published whole or not at all, answers until it is let go, and refuses what it was not made for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from tests.unit.office import FACTS, QUESTION, TODAY, opened, person, post

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.errors import FormatNotSupported, NotReady
from expertfinder.index import build as building
from expertfinder.index import snapshot as snapshots
from expertfinder.index.build import build
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.published import CURRENT, current_name, prune, publish, sealed, unsealed
from expertfinder.index.snapshot import Making, open_snapshot
from expertfinder.model import SHARED, Query
from expertfinder.store import Store

ENCODE = encoder(DEFAULT)
DAMAGED = ("manifest.json", "terms.json", "shared/vectors.npy", "engine/meta.json")
NEWS = post("a99", "ada", "The quokka deployment went well.", title="Quokka", age=1)


@pytest.fixture
def finder(tmp_path: Path) -> ExpertFinder:
    return opened(tmp_path / "home")


def rebuild(finder: ExpertFinder, *, keep: int = 2) -> Path:
    finder.home.build_index(finder.store, encode=ENCODE, as_of=TODAY, keep=keep)
    return finder.home.index / str(current_name(finder.home.index))


def answer(finder: ExpertFinder) -> list[tuple[str, float]]:
    ranking = finder.find(Query(text=QUESTION), SHARED)
    assert ranking.recommendations, ranking.abstained
    return [(entry.subject, entry.score) for entry in ranking.recommendations]


def test_a_reader_that_was_open_keeps_answering_after_its_snapshot_was_replaced_and_removed(
    finder: ExpertFinder,
) -> None:
    before, name = answer(finder), finder.snapshot.manifest.name
    assert before
    finder.store.apply([NEWS])
    rebuild(finder, keep=1)
    rebuild(finder, keep=1)
    assert not (finder.home.index / name).exists()
    assert answer(finder) == before
    assert finder.find(Query(text="ledger invoices in another currency"), SHARED).recommendations
    assert finder.refresh()
    assert finder.snapshot.manifest.name != name
    assert "o:a99" in finder.snapshot.shared.segment.ids


def test_two_builds_of_one_record_hold_the_same_arrays(finder: ExpertFinder) -> None:
    first = finder.home.index / finder.snapshot.manifest.name
    second = rebuild(finder)
    assert first != second
    names = [path.relative_to(first) for path in sorted(first.rglob("*")) if path.suffix in {".npy", ".json"}]
    ours = [name for name in names if name.parts[0] not in {"engine", "manifest.json"}]
    assert len(ours) > 50
    for name in ours:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    manifests = [unsealed(folder) for folder in (first, second)]
    for manifest in manifests:  # the text engine draws names for its files
        manifest["files"] = {file: sums for file, sums in manifest["files"].items() if not file.startswith("engine/")}
    assert {**manifests[0], "name": ""} == {**manifests[1], "name": ""}


def test_the_order_of_import_does_not_show(finder: ExpertFinder, tmp_path: Path) -> None:
    other = opened(tmp_path / "other", reversed(FACTS))
    assert answer(other) == answer(finder)
    assert other.snapshot.shared.segment.ids == sorted(other.snapshot.shared.segment.ids)
    assert np.array_equal(other.snapshot.shared.segment.vectors, finder.snapshot.shared.segment.vectors)


# --- what fails while it is built ------------------------------------------------------------------------------------


def failing_at(step: str) -> Callable[..., Any]:
    """`os.rename`, `os.replace` or a write, that fails the moment it is called."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(f"planted at {step}")

    return fail


@pytest.mark.parametrize(
    ("where", "what"),
    [(os, "rename"), (os, "replace"), (building, "build_engine"), (building, "build_topics"), (building, "synced")],
    ids=["rename", "replace", "engine", "topics", "sync"],
)
def test_a_build_that_fails_leaves_the_old_snapshot_and_the_next_build_works(
    finder: ExpertFinder, monkeypatch: pytest.MonkeyPatch, where: Any, what: str
) -> None:
    before, name = answer(finder), finder.snapshot.manifest.name
    finder.store.apply([NEWS])
    with monkeypatch.context() as broken:
        broken.setattr(where, what, failing_at(what))
        with pytest.raises(OSError, match="planted"):
            rebuild(finder)
    assert current_name(finder.home.index) == name
    again = ExpertFinder.open(finder.home.folder)
    assert again.snapshot.manifest.name == name
    assert "o:a99" in again.snapshot.fresh.segment.ids, "what came since waits beside it"
    assert not list(finder.home.index.glob("building-*"))
    rebuild(finder)
    again.refresh()
    assert "o:a99" in again.snapshot.shared.segment.ids
    assert [who for who, _ in answer(again)] == [who for who, _ in before]


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from expertfinder.ask.finder import Home
    from expertfinder.index import build as building
    from expertfinder.index.encoders.encoder import DEFAULT, encoder

    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    setattr({"os": os, "building": building}[sys.argv[2]], sys.argv[3], die)
    home = Home(Path(sys.argv[1]))
    home.build_index(home.open_store(), encode=encoder(DEFAULT))
"""


@pytest.mark.parametrize(("where", "what"), [("os", "replace"), ("building", "build_topics")])
def test_a_build_that_is_killed_leaves_the_old_snapshot_and_its_rest_is_swept_up(
    finder: ExpertFinder, where: str, what: str
) -> None:
    before, name = answer(finder), finder.snapshot.manifest.name
    finder.store.apply([NEWS])
    source = str(Path(snapshots.__file__).parents[2])
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(finder.home.folder), where, what],
        env={**os.environ, "PYTHONPATH": source},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert child.returncode == -9, child.stderr.decode()
    assert current_name(finder.home.index) == name
    assert answer(finder) == before
    rest = {path.name for path in finder.home.index.iterdir()} - {CURRENT, "lock", name}
    assert rest, "a killed build leaves something behind"
    for _ in range(2):
        new = rebuild(finder, keep=1)
    assert {path.name for path in finder.home.index.iterdir()} == {CURRENT, "lock", new.name}
    assert current_name(finder.home.index) == new.name
    finder.refresh()
    assert "o:a99" in finder.snapshot.shared.segment.ids


# --- pruning ---------------------------------------------------------------------------------------------------------


def test_pruning_keeps_the_newest_and_whatever_is_current(finder: ExpertFinder) -> None:
    folder = finder.home.index
    first = finder.snapshot.manifest.name
    names = [build(finder.store, folder, Making(ENCODE, b"k" * 32, TODAY)).name for _ in range(3)]
    publish(folder, first)  # as after going back to an older one
    for age, name in enumerate((*names[::-1], first)):
        os.utime(folder / name, (1_000_000 - age, 1_000_000 - age))
    assert prune(folder, keep=2) == 1
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {first, names[1], names[2]}
    assert answer(ExpertFinder.open(finder.home.folder))


# --- what is refused -------------------------------------------------------------------------------------------------


def test_without_a_snapshot_nothing_is_ready_and_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="expertfinder ingest"):
        open_snapshot(tmp_path, encode=ENCODE)
    finder = opened(tmp_path / "home", index=False)
    assert not finder.ready
    assert not finder.refresh()
    with pytest.raises(NotReady, match="expertfinder ingest"):
        finder.find(Query(text=QUESTION), SHARED)


class Other:
    """An encoder of another make."""

    name = "other"
    digest = ENCODE.digest
    dimension = ENCODE.dimension
    max_tokens = 8
    encode = staticmethod(ENCODE.encode)


class Changed(Other):
    """The same name with another model file."""

    name = ENCODE.name
    digest = "0" * 64


@pytest.mark.parametrize("encode", [Other(), Changed()], ids=["another name", "another file"])
def test_another_encoder_is_refused_with_what_to_run(finder: ExpertFinder, encode: Other) -> None:
    with pytest.raises(FormatNotSupported, match="expertfinder index"):
        open_snapshot(finder.home.index, encode=encode)


def manifest_of(finder: ExpertFinder) -> Path:
    return finder.home.index / finder.snapshot.manifest.name / "manifest.json"


def test_another_format_is_refused_with_what_to_run(finder: ExpertFinder) -> None:
    path = manifest_of(finder)
    path.write_bytes(sealed({**orjson.loads(path.read_bytes()), "format": 999}))
    with pytest.raises(FormatNotSupported, match=r"999.*expertfinder index"):
        ExpertFinder.open(finder.home.folder)


@pytest.mark.parametrize("damage", [*DAMAGED, "ties/mutual.indptr.npy", "ties/part.data.npy"])
@pytest.mark.parametrize("way", ["missing", "cut short"])
def test_a_damaged_index_is_refused_with_what_to_run_and_can_be_made_anew(
    finder: ExpertFinder, damage: str, way: str
) -> None:
    path = finder.home.index / finder.snapshot.manifest.name / damage
    content = path.read_bytes()
    path.unlink()  # the open finder goes on reading the old file
    if way == "cut short":
        path.write_bytes(content[:40])
    with pytest.raises(FormatNotSupported, match=r"damaged.*expertfinder index"):
        ExpertFinder.open(finder.home.folder)
    rebuild(finder)
    assert answer(ExpertFinder.open(finder.home.folder)) == answer(finder)


@pytest.mark.parametrize("part", ["data", "indices", "indptr"])
def test_arrays_of_a_matrix_that_do_not_fit_are_found_when_the_index_is_opened(finder: ExpertFinder, part: str) -> None:
    path = finder.home.index / finder.snapshot.manifest.name / "ties" / f"part.{part}.npy"
    array = np.load(path)
    path.unlink()
    np.save(path, array[:-1])
    with pytest.raises(FormatNotSupported, match=rf"damaged.*ties/part.{part}.npy.*expertfinder index"):
        ExpertFinder.open(finder.home.folder)


def test_an_open_snapshot_has_its_network_also_when_its_folder_is_gone(finder: ExpertFinder) -> None:
    reader = ExpertFinder.open(finder.home.folder)
    shutil.rmtree(finder.home.index / finder.snapshot.manifest.name)
    ties = reader.snapshot.ties
    assert ties.part.nnz > 0
    assert (ties.part != finder.snapshot.ties.part).nnz == 0
    assert reader.snapshot.ties is ties


def test_a_snapshot_that_is_removed_while_it_is_opened_is_let_go_for_the_new_one(
    finder: ExpertFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, calls = snapshots._open, []

    def slow(path: Path, manifest: Any) -> Any:
        calls.append(path.name)
        if len(calls) == 1:
            rebuild(finder, keep=1)
            shutil.rmtree(path, ignore_errors=True)
        return reading(path, manifest)

    monkeypatch.setattr(snapshots, "_open", slow)
    opened_now = open_snapshot(finder.home.index, encode=ENCODE)
    assert calls[0] != calls[1] == opened_now.manifest.name


def test_the_secret_of_a_home_is_made_once_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert len(home.secret()) == 32
    assert Home(tmp_path / "home").secret() == home.secret()
    assert (tmp_path / "home" / "secret").stat().st_mode & 0o077 == 0
    assert Home(tmp_path / "elsewhere").secret() != home.secret()


# --- the fresh tier --------------------------------------------------------------------------------------------------


def test_what_came_since_is_scored_as_it_will_be_after_the_next_build(finder: ExpertFinder) -> None:
    finder.store.apply([
        NEWS,
        post("a98", "ben", "The quokka deployment failed twice.", title="Quokka again"),
        replace(post("a1", "ada", "Nothing about proxies any more."), title="Emptied"),
        person("zoe"),
        post("z1", "zoe", "The quokka deployment is documented.", title="Quokka guide"),
    ])  # fmt: skip
    finder.store.delete("post", ["o:c1"])
    assert finder.refresh()
    fresh = finder.snapshot
    rebuild(finder)
    built = open_snapshot(finder.home.index, encode=ENCODE)
    known = {word: fresh.statistics.frequency[row] for word, row in fresh.term_rows.items()}
    for word, row in built.term_rows.items():
        assert known[word] == built.statistics.frequency[row], word
    assert fresh.statistics.posts == built.statistics.posts
    assert fresh.statistics.mean_length == pytest.approx(built.statistics.mean_length, rel=1e-12)
    tiers = fresh.tiers.shared, fresh.tiers.restricted, fresh.tiers.fresh
    kept = [tier.segment.ids[row] for tier in tiers for row in np.flatnonzero(tier.alive).tolist()]
    assert sorted(kept) == sorted(post for segment in built.tiers.segments for post in segment.ids)
    emptied = dict.fromkeys(fresh.manifest.digests.keys() - built.manifest.digests.keys(), 0)
    assert fresh.manifest.digests == {**built.manifest.digests, **emptied}


class Failing:
    """The store, which fails at one of its calls and works before and after it."""

    def __init__(self, store: Store, at: int) -> None:
        self._store, self._left = store, at
        self.failed = False

    def __getattr__(self, name: str) -> Any:
        if self._left == 0 and not self.failed:
            self.failed = True
            raise RuntimeError("planted")
        self._left -= 1
        return getattr(self._store, name)


@pytest.mark.parametrize("folded", [False, True], ids=["beside the snapshot", "with a new snapshot"])
def test_a_look_that_fails_at_any_call_of_the_store_is_made_good_by_the_next(
    finder: ExpertFinder, folded: bool
) -> None:
    store = finder.store
    for at in range(100):
        if folded:
            rebuild(finder)
        store.apply([replace(person("zoe"), name=f"Zoe {at}"), post(f"z{at}", "zoe", "The quokka deployment.")])
        finder.store = failing = Failing(store, at)  # type: ignore[assignment]
        with suppress(RuntimeError):
            finder.refresh()
        finder.store = store
        finder.refresh()
        assert f"o:z{at}" in finder.snapshot.fresh.segment.ids, f"the look failed at call {at}"
        assert finder.person("o:zoe", SHARED).name == f"Zoe {at}"
        if not failing.failed:
            break
    assert 3 < at < 99, "it failed at each of the calls of a look, and then at none"
