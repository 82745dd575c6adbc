"""An index with one wrong byte in any of its files is never used: it is refused, with the file and what to run."""

from __future__ import annotations

import json
import random
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from tests.sizes import size
from tests.unit.guilds import LEDGER, PUMPS, SOURCE, guild, people
from tests.unit.office import LEGAL, TODAY, opened, person, post

from expertfinder.ask import newest
from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.cli import main
from expertfinder.errors import FormatNotSupported
from expertfinder.index import published
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.published import MANIFEST, current_name, prune, publish, sealed, unsealed
from expertfinder.index.server.index import LEFT_BEHIND, ServerIndex
from expertfinder.index.server.publishing import publish_to
from expertfinder.index.snapshot import open_snapshot
from expertfinder.model import SHARED, Query, Viewer
from expertfinder.store.index_server import Publication

ENCODE = encoder(DEFAULT)
FACTS = (
    SOURCE,
    *people((*PUMPS, *LEDGER)),
    person("dana", groups=("o:legal",)),
    *guild("pumps", PUMPS),
    *guild("ledger", LEDGER),
    *(post(f"deal-{n}", "dana", f"The merger of the pumps, clause {n}.", audience=LEGAL) for n in range(4)),
)
"""Two groups with ties and topics, and posts that not everybody may read: no file of the index has nothing in it to
ask for."""
VIEWERS = (SHARED, Viewer("o:dana", frozenset({"o:legal"})))
QUESTIONS = ("how we care for the pumps", "ledger", "the merger clause")
PATIENCE = 30
"""Seconds after which a test gives up waiting for a thread."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an index, to be copied."""
    finder = opened(tmp_path_factory.mktemp("whole"), FACTS)
    finder.close()
    return finder.home.folder


@pytest.fixture
def finder(whole: Path, tmp_path: Path) -> Iterator[ExpertFinder]:
    """A finder over a copy of that home."""
    shutil.copytree(whole, tmp_path / "home")
    found = ExpertFinder.open(tmp_path / "home")
    yield found
    found.close()


def index_of(finder: ExpertFinder) -> Path:
    return finder.home.index / str(current_name(finder.home.index))


def files_in(folder: Path) -> list[Path]:
    """All files that have anything in them."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def answers(finder: ExpertFinder) -> str:
    """What several questions are answered with, in every digit."""
    found: list[Any] = []
    for viewer in VIEWERS:
        for text in QUESTIONS:
            ranking = finder.find(Query(text=text, limit=20), viewer)
            found += [asdict(each) for each in ranking.recommendations]
        found += [asdict(topic) for topic in finder.topics(viewer)]
        found += [asdict(each) for each, _ in Networking(finder).all_communities(viewer)]
        found += [asdict(finder.person(name, viewer)) for name in ("o:ada", "o:gus")]
    return json.dumps(found, default=str)


def flipped(content: bytes, draw: random.Random) -> bytes:
    """The same but for one byte."""
    place = draw.randrange(len(content))
    return content[:place] + bytes([content[place] ^ draw.randrange(1, 256)]) + content[place + 1 :]


def test_one_flipped_byte_in_any_file_gives_no_other_answer_and_no_raw_error(finder: ExpertFinder) -> None:
    before, store = answers(finder), finder.store
    files = files_in(finder.home.index)
    assert len(files) > 100
    for path in files:
        content = path.read_bytes()
        for seed in range(size("C12")):
            path.write_bytes(flipped(content, random.Random(f"{path.name} {seed}")))
            again = ExpertFinder(finder.home, store, encode=ENCODE)
            try:
                again.refresh()
            except FormatNotSupported as error:
                assert path.name in error.detail, "the file is named"
                assert "expertfinder index" in error.detail
            else:
                assert answers(again) == before, path
        path.write_bytes(content)
    assert answers(finder) == before


def cut(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content))]


def longer(content: bytes, draw: random.Random) -> bytes:
    return content + draw.randbytes(draw.randrange(1, 9))


def zeroed(content: bytes, draw: random.Random) -> bytes:
    """A block of nothing, as after a crash of a machine."""
    start = draw.randrange(len(content))
    return content[:start] + bytes(len(content) - start)


def moved(content: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(1, max(len(content), 2))
    return content[place:] + content[:place]


@pytest.mark.parametrize("harm", [flipped, cut, longer, zeroed, moved, None])
def test_whatever_happened_to_a_file_the_index_is_refused_and_can_be_made_anew(
    finder: ExpertFinder, harm: Callable[[bytes, random.Random], bytes] | None
) -> None:
    before, draw = answers(finder), random.Random(f"{harm}".partition(" at ")[0])
    files = files_in(index_of(finder))
    for path in draw.sample(files, min(len(files), size("drawn"))):
        content = path.read_bytes()
        wrong = None if harm is None else harm(content, draw)
        if wrong == content:
            continue
        path.unlink()  # the open finder goes on reading the old file
        if wrong is not None:
            path.write_bytes(wrong)
        with pytest.raises(FormatNotSupported, match=r"damaged.*expertfinder index") as caught:
            open_snapshot(finder.home.index, encode=ENCODE)
        assert path.relative_to(index_of(finder)).as_posix() in caught.value.detail
        path.write_bytes(content)
    path.unlink()
    finder.home.build_index(finder.store, encode=ENCODE, as_of=TODAY)
    again = ExpertFinder(finder.home, finder.store, encode=ENCODE)
    assert again.refresh()
    assert answers(again) == before


# --- while another index answers -------------------------------------------------------------------------------------


def another(finder: ExpertFinder) -> None:
    """Publish another index: a copy of the one that answers, under a name of its own."""
    old = finder.home.index / finder.snapshot.manifest.name
    made = old.with_name(f"{old.name}-{len(list(finder.home.index.iterdir()))}")
    shutil.copytree(old, made)
    (made / MANIFEST).write_bytes(sealed({**unsealed(made), "name": made.name}))
    publish(finder.home.index, made.name)


def newer(finder: ExpertFinder, name: str) -> None:
    """Publish another index, and then write a fact that is in neither."""
    another(finder)
    finder.store.apply([post(name, "ada", "The quokka deployment went well.", title="Quokka")])


def test_beside_a_damaged_index_the_one_before_answers_with_what_came_since(
    finder: ExpertFinder, caplog: pytest.LogCaptureFixture
) -> None:
    draw = random.Random(1)
    for number in range(3):
        before = finder.snapshot.manifest.name
        newer(finder, f"news-{number}")
        path = draw.choice(files_in(index_of(finder)))
        path.write_bytes(flipped(path.read_bytes(), draw))
        caplog.clear()
        for _ in range(3):
            finder.refresh()
            assert (finder.index_state, finder.snapshot.manifest.name) == ("unusable", before)
        assert f"o:news-{number}" in finder.snapshot.fresh.segment.ids
        assert caplog.text.count("cannot be used") == 1, "it is said once"
        assert path.name in caplog.text
        another(finder)
        assert finder.refresh()
        assert (finder.index_state, finder.snapshot.manifest.name) == ("current", index_of(finder).name)


def test_a_pointer_to_nothing_leaves_the_index_that_answers(finder: ExpertFinder) -> None:
    pointer, before = finder.home.index / "current", finder.snapshot.manifest.name
    right = pointer.read_bytes()
    for n, wrong in enumerate((b"\xff\xfe", b"nowhere", b"..", right[:-1], b"\0", flipped(right, random.Random(2)))):
        pointer.write_bytes(wrong)
        finder.store.apply([post(f"n{n}", "ada", "The quokka deployment went well.", title="Quokka")])
        assert finder.refresh()
        assert (finder.index_state, finder.snapshot.manifest.name) == ("unusable", before)
        assert f"o:n{n}" in finder.snapshot.fresh.segment.ids
    pointer.write_bytes(right)
    finder.refresh()
    assert finder.index_state == "current"


def test_a_file_that_was_put_right_is_found_to_be_so(finder: ExpertFinder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "RETRY_SECONDS", 0.0)
    newer(finder, "news")
    path = index_of(finder) / "terms.json"
    content = path.read_bytes()
    path.write_bytes(flipped(content, random.Random(3)))
    finder.refresh()
    finder.refresh()
    assert finder.index_state == "unusable"
    path.write_bytes(content)
    assert finder.refresh()
    assert (finder.index_state, finder.snapshot.manifest.name) == ("current", index_of(finder).name)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Every index counts as large, and is verified when the event is set."""
    verify, go = published.verify, threading.Event()

    def waiting(*given: Any, **more: Any) -> None:
        assert go.wait(PATIENCE)
        verify(*given, **more)

    monkeypatch.setattr(published, "AT_ONCE", -1)
    monkeypatch.setattr(published, "verify", waiting)
    return go


def settled(finder: ExpertFinder) -> str:
    """The state of the published index once nothing is being verified."""
    give_up = time.monotonic() + PATIENCE
    finder.refresh()
    while finder.index_state == "verifying":
        assert time.monotonic() < give_up
        time.sleep(0.01)
        finder.refresh()
    return finder.index_state


def test_while_a_large_index_is_verified_the_one_before_answers_with_what_came_since(
    finder: ExpertFinder, slow: threading.Event
) -> None:
    before = finder.snapshot.manifest.name
    newer(finder, "news")
    finder.refresh()
    assert (finder.index_state, finder.snapshot.manifest.name) == ("verifying", before)
    assert "o:news" in finder.snapshot.fresh.segment.ids
    finder.store.apply([post("later", "ada", "The quokka deployment is over.")])
    assert finder.refresh(), "new facts do not wait"
    assert (finder.index_state, finder.snapshot.manifest.name) == ("verifying", before)
    assert "o:later" in finder.snapshot.fresh.segment.ids
    slow.set()
    assert settled(finder) == "current"
    assert finder.snapshot.manifest.name == index_of(finder).name != before
    assert {"o:news", "o:later"} <= set(finder.snapshot.fresh.segment.ids)


def test_a_large_index_that_is_damaged_is_never_used(finder: ExpertFinder, slow: threading.Event) -> None:
    before = finder.snapshot.manifest.name
    newer(finder, "news")
    path = index_of(finder) / "shared" / "vectors.npy"
    path.write_bytes(flipped(path.read_bytes(), random.Random(4)))
    finder.refresh()
    assert (finder.index_state, finder.snapshot.manifest.name) == ("verifying", before)
    slow.set()
    assert settled(finder) == "unusable"
    assert finder.snapshot.manifest.name == before


def test_an_index_that_is_replaced_while_it_is_verified_is_let_go(finder: ExpertFinder, slow: threading.Event) -> None:
    newer(finder, "news")
    finder.refresh()
    another(finder)
    prune(finder.home.index, keep=1)
    slow.set()
    assert settled(finder) == "current"
    assert finder.snapshot.manifest.name == index_of(finder).name


# --- in a server -----------------------------------------------------------------------------------------------------


class Files:
    """A server that holds the files of an index, and one of them as it is told."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.wrong: dict[str, bytes] = {}
        self.name = ""

    def secret(self) -> bytes:
        return bytes(32)

    def close(self) -> None:
        pass

    def begin(self) -> str:
        return "A"

    def write_posts(self, *_: object) -> None:
        pass

    write_words = write_people = write_posts

    def write_files(self, _: str, files: Iterable[tuple[str, bytes]]) -> None:
        self.held = dict(files)

    def finish(self, publication: Publication, **_: object) -> None:
        self.name = publication.snapshot

    def published(self) -> Publication:
        return Publication("A", self.name)

    def files(self, _: Publication, *, without: Sequence[str] = ()) -> Mapping[str, bytes]:
        found = {**self.held, **self.wrong}
        return {name: body for name, body in found.items() if not name.startswith(tuple(without))}


def test_one_flipped_byte_in_any_file_that_a_server_hands_out_is_found(finder: ExpertFinder) -> None:
    server, name = Files(), finder.snapshot.manifest.name
    index = ServerIndex(server)  # type: ignore[arg-type]
    publish_to(server, finder.home.index, encode=ENCODE, progress=lambda *_: None)  # type: ignore[arg-type]
    files = sorted(file for file, body in server.held.items() if body)
    for file in random.Random(6).sample(files, min(len(files), size("drawn"))):
        server.wrong = {file: flipped(server.held[file], random.Random(file))}
        told = f"the index {name} is damaged: its file {file} .*expertfinder index"
        if not file.startswith(LEFT_BEHIND):
            with pytest.raises(FormatNotSupported, match=told):
                index.open(ENCODE)
        with pytest.raises(FormatNotSupported, match=told):
            index.whole(name)
    server.wrong = {}
    assert index.open(ENCODE).people == finder.snapshot.people
    assert index.whole(name).open(ENCODE).terms == finder.snapshot.terms
    del server.held["people.json"]
    with pytest.raises(FormatNotSupported, match=r"people.json cannot be read"):
        index.open(ENCODE)
    server.name = "the next one"
    assert index.whole(server.name).current() == name, "what was fetched before answers on"
    index.close()


def test_a_home_whose_index_is_damaged_says_so_at_the_prompt(
    finder: ExpertFinder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = index_of(finder) / "topics" / "labels.json"
    path.write_bytes(flipped(path.read_bytes(), random.Random(5)))
    monkeypatch.setattr(sys, "argv", ["expertfinder", "find", "pumps", "--home", str(finder.home.folder)])
    with pytest.raises(SystemExit) as left:
        main()
    told = capsys.readouterr()
    assert left.value.code
    assert "topics/labels.json" in told.err
    assert "expertfinder index" in told.err
    assert not told.out
