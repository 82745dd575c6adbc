"""Whatever is wrong with an export, every source gives facts or one `SourceError`, and soon (promises X1 and X2).

All sources that are found by their names are tried, each on its own example (`tests/sources/examples.py`): one that is
added is tried without a line here.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import resource
import signal
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import orjson
import pytest
from tests.sizes import size
from tests.sources.examples import example, files_of, ours, reader_of, written

from expertfinder.errors import SourceError
from expertfinder.model import Community, Interaction, Person, Post
from expertfinder.sources import Withdrawal
from expertfinder.sources.exports import tarred as tarred_files
from expertfinder.sources.exports import tree

LONGEST = 90
"""Seconds after which a reading is taken for one that hangs: far more than the slowest takes on a busy machine."""
MEMORY = 400_000_000
"""Bytes by which the peak memory of this process may grow through all bombs of a source."""
FACTS = (Person, Post, Interaction, Community, Withdrawal)


@contextmanager
def no_hang() -> Iterator[None]:
    """Turn a reading that does not end into a failure."""

    def stop(*_: object) -> None:
        raise AssertionError(f"it does not end within {LONGEST} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def read(name: str, path: Path) -> str:
    """Read an export to its end: the error that came, or nothing."""
    with no_hang():
        try:
            for fact in reader_of(name)(path).facts():
                assert isinstance(fact, FACTS)
        except SourceError as error:
            assert error.detail
            assert len(str(error)) < 1000, f"an error of {len(str(error))} characters"
            return str(error)
    return ""


# --- bombs -----------------------------------------------------------------------------------------------------------


def packed(folder: Path, files: dict[str, bytes], **kinds: int) -> Path:
    """An archive of files. `kinds`: modes by which an entry is a link or the like."""
    path = folder / "export.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore", UserWarning)  # of two entries with one name
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = kinds.get(name, stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, content)
    return path


def main_file(files: dict[str, bytes]) -> str:
    """The largest file: most readers read it first or longest."""
    return max(files, key=lambda name: (len(files[name]), name))


def ratio(folder: Path, files: dict[str, bytes]) -> Path:
    return packed(folder, files | {main_file(files): b"[" + b" " * 50_000_000})


def every_ratio(folder: Path, files: dict[str, bytes]) -> Path:
    """Innocent one by one."""
    small = b" " * (tree.RATIO_FREE - 1000)
    return packed(folder, files | {f"{number}.json": small for number in range(6)})


def overlapping(folder: Path, files: dict[str, bytes]) -> Path:
    """Many names in the directory of the archive for the same packed bytes."""
    path = packed(folder, {"a.json": b"[" + os.urandom(200_000).hex().encode()})
    raw = path.read_bytes()
    start = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    entry = raw[start:end]
    many = b"".join(entry.replace(b"a.json", b"%05d." % number) for number in range(500))
    tail = bytearray(raw[end:])
    tail[8:10] = tail[10:12] = struct.pack("<H", 500)
    tail[12:16] = struct.pack("<I", len(many))
    path.write_bytes(raw[:start] + many + tail)
    return path


def lying(folder: Path, files: dict[str, bytes]) -> Path:
    """An entry that says that it is small."""
    path = packed(folder, files | {main_file(files): b"[" + b" " * 50_000_000})
    raw = path.read_bytes()
    path.write_bytes(raw.replace(struct.pack("<I", 50_000_001), struct.pack("<I", 1000)))
    return path


def nested(folder: Path, files: dict[str, bytes]) -> Path:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("again.zip", b"\0" * 1_000_000)
    return packed(folder, {"export.zip": inner.getvalue()})


def link_in_an_archive(folder: Path, files: dict[str, bytes]) -> Path:
    main = main_file(files)
    return packed(folder, files | {main: b"/etc/passwd"}, **{main: stat.S_IFLNK | 0o777})


def password(folder: Path, files: dict[str, bytes]) -> Path:
    path = packed(folder, files)
    raw = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + place] |= 1
            at = raw.find(mark, at + 4)
    path.write_bytes(raw)
    return path


def cut(folder: Path, files: dict[str, bytes]) -> Path:
    path = packed(folder, files)
    path.write_bytes(path.read_bytes()[:-40])
    return path


def tarred(folder: Path, files: dict[str, bytes], *more: tarfile.TarInfo, packed: bool = True) -> Path:
    """A tar archive of files; `more`: entries without content."""
    path = folder / ("export.tgz" if packed else "export.tar")
    with tarfile.open(path, "w:gz" if packed else "w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for entry in more:
            archive.addfile(entry)
    return path


def tar_of_links(folder: Path, files: dict[str, bytes]) -> Path:
    main = main_file(files)
    entry = tarfile.TarInfo(main)
    entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return tarred(folder, {name: content for name, content in files.items() if name != main}, entry)


@cache
def _blanks() -> bytes:
    return gzip.compress(b"\0" * 30_000_000, 1)


def tar_ratio(folder: Path, files: dict[str, bytes]) -> Path:
    """Of a size that its head tells truly, and packed as no export is."""
    head = tarfile.TarInfo(main_file(files))
    head.size = 30_000_000
    path = folder / "export.tar.gz"
    path.write_bytes(gzip.compress(head.tobuf()) + _blanks() + gzip.compress(b"\0" * 10_240))
    return path


def tar_head(folder: Path, files: dict[str, bytes]) -> Path:
    """Its first entry is a head of other heads, and says that it has many gigabytes."""
    head = tarfile.TarInfo("x")
    head.type, head.size = tarfile.XHDTYPE, 1 << 40
    path = tarred(folder, files)
    path.write_bytes(gzip.compress(head.tobuf(tarfile.GNU_FORMAT)) + path.read_bytes())
    return path


def cut_tar(folder: Path, files: dict[str, bytes]) -> Path:
    path = tarred(folder, files)
    path.write_bytes(path.read_bytes()[:-30])
    return path


def link(folder: Path, files: dict[str, bytes]) -> Path:
    main = main_file(files)
    root = written(folder / "x", {name: content for name, content in files.items() if name != main})
    (root / main).parent.mkdir(parents=True, exist_ok=True)
    (root / main).symlink_to("/etc/passwd")
    return root


def pipe(folder: Path, files: dict[str, bytes]) -> Path:
    main = main_file(files)
    root = written(folder / "x", {name: content for name, content in files.items() if name != main})
    (root / main).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(root / main)
    return root


def replaced(content: bytes) -> Callable[[Path, dict[str, bytes]], Path]:
    """Every file that is read says this."""

    def bomb(folder: Path, files: dict[str, bytes]) -> Path:
        first, *others = files
        root = written(folder / "x", {first: content})
        for name in others:  # the same bytes, which the disk need not have again and again
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).hardlink_to(root / first)
        return root if others else root / first

    return bomb


def without_an_end(folder: Path, files: dict[str, bytes]) -> Path:
    """A line of a gigabyte: the file has a hole, so it takes no room."""
    main = main_file(files)
    root = written(folder / "x", files)
    with (root / main).open("r+b") as file:
        file.seek(0, 2)
        file.write(b'"')
        file.truncate(1 << 30)
    return root / main if len(files) == 1 else root


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"b" * 1000 + b'">'
    b'<!ENTITY c "' + b"&b;" * 1000 + b'"><!ENTITY d "' + b"&c;" * 1000 + b'">]><a><row Id="1" Body="&d;">&d;</row></a>'
)
FETCHED = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a><row Id="1" Body="x">&f;</row></a>'
)

BOMBS: dict[str, Callable[[Path, dict[str, bytes]], Path]] = {
    "ratio": ratio,
    "ratio of all": every_ratio,
    "overlapping entries": overlapping,
    "an entry that lies about its size": lying,
    "nested archives": nested,
    "an absolute path": lambda folder, files: packed(folder, files | {"/etc/cron.d/x": b"x"}),
    "a path that leads out": lambda folder, files: packed(folder, files | {"a/../../x": b"x"}),
    "a path with a drive": lambda folder, files: packed(folder, files | {"C:\\x": b"x"}),
    "a link in an archive": link_in_an_archive,
    "a password": password,
    "a cut archive": cut,
    "a packed tar of blanks": tar_ratio,
    "a tar whose path leads out": lambda folder, files: tarred(folder, files | {"a/../../x": b"x"}),
    "a tar with a link": tar_of_links,
    "a tar whose head has no end": tar_head,
    "a cut tar": cut_tar,
    "a link": link,
    "a pipe": pipe,
    "a line of a gigabyte": without_an_end,
    "a long line": replaced(b'{"a":"' + b"a" * 30_000_000),
    "deep lists": replaced(b"[" * 5_000_000),
    "lists as deep as a block": replaced(b"[" * 60_000 + b" " * 5_000_000),
    "deep objects": replaced(b'{"a":' * 1_000_000),
    "deep lists that end": replaced(b"[" + b"[" * 900 + b"]" * 900 + b"]"),
    "a long number": replaced(b"[" + b"9" * 5_000_000 + b"]"),
    "entities": replaced(ENTITIES),
    "an entity that fetches": replaced(FETCHED),
    "deep elements": replaced(b"<a>" * 500_000),
    "nothing": replaced(b""),
    "zeros": replaced(b"\0" * 1_000_000),
    "a word of another kind": replaced(b'"text"'),
}
REFUSED = frozenset(
    {"ratio", "ratio of all", "overlapping entries", "an absolute path", "a path that leads out", "a path with a drive"}
    | {"a password", "a cut archive", "a packed tar of blanks", "a tar whose path leads out", "a cut tar"}
    | {"a tar whose head has no end"}
)
"""Bombs that are an error whoever reads; of the others a reader may know no more than that there is nothing for it."""


@pytest.mark.parametrize("name", ours())
def test_no_bomb_goes_off(name: str, tmp_path: Path) -> None:
    files = files_of(example(name))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for bomb, make in BOMBS.items():
        folder = tmp_path / bomb
        folder.mkdir()
        error = read(name, make(folder, files))
        assert error or bomb not in REFUSED, f"{bomb}: no error"
        assert "root:x:" not in error
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < MEMORY, f"{grown:,} bytes more"


def test_every_export_is_read_from_a_tar_archive_as_from_a_folder(tmp_path: Path) -> None:
    for name in ours():
        files = files_of(example(name))
        folder = written(tmp_path / name, files)
        at = folder if len(files) > 1 else folder / next(iter(files))
        for inside, packed in (("", True), ("./an export/", True), ("./", False)):
            path = tarred(tmp_path, {f"{inside}{each}": content for each, content in files.items()}, packed=packed)
            assert list(reader_of(name)(path).facts()) == list(reader_of(name)(at).facts()), (name, inside, packed)


def test_any_place_of_a_packed_archive_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tarred_files, "_APART", 1 << 16)
    rng = random.Random(8)
    files = {f"{n}.json": rng.randbytes(rng.randrange(200_000)) for n in range(20)}
    path = tarred(tmp_path, files)
    path.write_bytes(path.read_bytes() + b"\0" * 100_000)
    with tree.Tree(path) as export:
        assert export.size == sum(map(len, files.values()))
        for name in rng.choices(sorted(files), k=60):
            with export.open(name) as one, export.open(rng.choice(sorted(files))) as other:
                part = one.read(rng.randrange(100_000))
                other.read(10)
                assert part + one.read() == files[name]


# --- mutations -------------------------------------------------------------------------------------------------------

TOKENS = (
    *(
        b"",
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b"\\",
        b"\n",
        b"\r",
        b"\0",
        b"\xff\xfe",
        b"\xc3",
        b",",
        b":",
        b"null",
        b"true",
    ),
    *(
        b"-1",
        b"0",
        b"1e999",
        b"9" * 40,
        b"NaN",
        b'"\\ud800"',
        b"<",
        b">",
        b"&",
        b"&#0;",
        b"<!--",
        b"]]>",
        b"../",
        b"%00",
    ),
    *(
        b"0000-00-00",
        b"9999-12-31T23:59:60Z",
        b"-62135596800",
        b"From ",
        b"Content-Type: multipart/mixed; boundary=x\n",
    ),
    *(b"=?utf-8?q?=ff?=", b"BEGIN:VEVENT\n", b"\xe2\x80\xae", b"a" * 3000),
)
"""What is put in the place of some bytes."""
VALUES: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1e300, 10**18, "", " ", "0", "null", "\0", "\u202e", "a" * 3000, "C1", "2024-02-30"),
    *([], {}, [None], [[]], [{}], {"": ""}, ["a", 1], {"id": None}, {"a": {"a": {}}}),
)
"""What is put in the place of a value of JSON."""


def mutated(files: dict[str, bytes], rng: random.Random) -> dict[str, bytes]:
    """The files, of which one is changed in one to three places: its bytes, or its values where it is JSON."""
    name = rng.choice(sorted(files))
    content = files[name]
    if rng.random() < 0.5:
        changed = _values_changed(content, rng)
        if changed is not None:
            return files | {name: changed}
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(content) + 1)
        length = rng.choice((0, 1, 1, 2, 8, 64, 1000))
        match rng.randrange(4):
            case 0:
                content = content[:at] + rng.choice(TOKENS) + content[at + length :]
            case 1:
                content = content[:at] + content[at + length :]
            case 2:
                content = content[:at] + content[at : at + length] * 2 + content[at + length :]
            case _:
                content = content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]
    if rng.random() < 0.05:
        content = content[: rng.randrange(len(content) + 1)]
    return files | {name: content}


def _values_changed(content: bytes, rng: random.Random) -> bytes | None:
    """The content with a value of JSON in another's place; `None` where it is no JSON, whole or by lines."""
    parts = [content]
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        parts = content.splitlines(keepends=True)
        at = rng.randrange(len(parts)) if parts else 0
        try:
            value = orjson.loads(parts[at]) if parts else None
        except orjson.JSONDecodeError:
            return None
    else:
        at = 0
    if not isinstance(value, dict | list):
        return None
    holder: dict[str, object] | list[object] = value
    while True:
        keys = sorted(holder) if isinstance(holder, dict) else range(len(holder))
        if not keys:
            break
        key = rng.choice(keys)
        inner = holder[key]  # type: ignore[index, call-overload]
        if isinstance(inner, dict | list) and inner and rng.random() < 0.8:
            holder = inner
            continue
        if isinstance(holder, dict) and rng.random() < 0.2:
            del holder[key]  # type: ignore[arg-type]
        else:
            holder[key] = rng.choice(VALUES)  # type: ignore[index, call-overload]
        break
    end = b"\n" if parts[at].endswith(b"\n") else b""
    return b"".join((*parts[:at], json.dumps(value).encode(), end, *parts[at + 1 :]))


@pytest.mark.parametrize("name", ours())
def test_whatever_is_changed_in_an_export_is_read_or_refused(name: str, tmp_path: Path) -> None:
    path = example(name)
    files = files_of(path)
    assert read(name, path) == "", "the example itself is read"
    rng = random.Random(name)
    root = written(tmp_path / "x", files)
    for number in range(size("X2 sources")):
        changed = mutated(files, rng)
        different = {each for each in files if changed[each] != files[each]}
        for each in different:
            (root / each).write_bytes(changed[each])
        try:
            read(name, root / path.name if path.is_file() else root)
        except Exception as error:  # noqa: BLE001 - whatever comes is named with the case that it came of
            pytest.fail(f"mutation {number}: {type(error).__name__}: {error} in {sorted(different)}")
        for each in different:
            (root / each).write_bytes(files[each])
