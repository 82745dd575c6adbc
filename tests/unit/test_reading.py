"""A large import waits on the disk, in parts, and is like one that is read at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.errors import SourceError
from expertfinder.ingest import How, Report, ingest, reading
from expertfinder.sources import NativeReader, declared
from expertfinder.store import open_store

SHOP = declared("shop", audience="organisation")
LINES = (
    '{"type":"person","id":"ann","name":"Ann %d"}',
    '{"type":"post","id":"%d","authors":["ann","bob"],"text":"The pump leaks"}',
    '{"type":"interaction","id":"i%d","actor":"cleo","verb":"like","object":"1"}',
    '{"type":"community","id":"c%d","members":["ann"]}',
    '{"type":"Delete","object":"%d"}',
    '{"type":"Tombstone","id":"ann","formerType":"Person","n":%d}',
)


def read(folder: Path, lines: list[str], part: int, **how: bool) -> tuple[Report, dict[str, dict[str, str]], list[int]]:
    (folder / "x.ndjson").write_text("".join(f"{line}\n" for line in lines))
    told: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "PART", part)
        store = open_store(folder / f"{part}.db")
        try:
            reader = NativeReader(folder / "x.ndjson", source=SHOP)
            report = ingest(store, reader, progress=lambda done, total: told.append(done), how=How(**how))
            kinds = ("person", "post", "interaction", "community")
            kept = {kind: {row.id: row.body for row in store.kept(kind)} for kind in kinds}  # type: ignore[arg-type]
        finally:
            store.close()
    return report, kept, told


@given(drawn=st.lists(st.tuples(st.sampled_from(LINES), st.integers(0, 4)), max_size=30), again=st.booleans())
def test_an_import_in_parts_is_like_one_at_once(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, int]], again: bool
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    lines = [line % number for line, number in drawn]
    for _ in range(1 + again):
        at_once, kept, told = read(folder, lines, 1000)
        parts, kept_in_parts, told_in_parts = read(folder, lines, 3)
        assert kept_in_parts == kept
        assert told_in_parts == told
        same = {"seconds": 0.0, "sequence": 0}
        assert replace(parts, **same, counts=at_once.counts) == replace(at_once, **same)
        assert parts.counts.remarks == at_once.counts.remarks
    assert not again or parts.kinds["post"].changed == parts.kinds["post"].added == 0


def test_what_cannot_be_read_in_the_last_part_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="this is not JSON"):
        read(tmp_path, [LINES[1] % number for number in range(10)] + ["{"], 3)
    store = open_store(tmp_path / "3.db")
    assert store.sequence() == 0
    store.close()


def test_a_complete_import_in_parts_withdraws_what_none_of_them_has(tmp_path: Path) -> None:
    read(tmp_path, [LINES[1] % number for number in range(10)], 3)
    report, kept, _ = read(tmp_path, [LINES[1] % number for number in range(9)], 3, complete=True)
    assert (dict(report.missing), len(kept["post"])) == ({"post": 1}, 9)
    dry, kept, _ = read(tmp_path, [LINES[1] % number for number in range(4, 13)], 3, dry_run=True)
    assert (dry.kinds["post"].added, dry.kinds["post"].unchanged, len(kept["post"])) == (4, 5, 9)


def test_long_texts_end_a_part_before_their_number_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PART_CHARACTERS", 30)
    lines = [LINES[1] % number for number in range(7)]  # of 14 characters each
    (tmp_path / "x.ndjson").write_text("".join(f"{line}\n" for line in lines))
    found = reading.read_all(NativeReader(tmp_path / "x.ndjson", source=SHOP), None)
    assert [len(part) for part in found.parts()] == [3, 3, 1]
    assert [len(part) for part in found.parts()] == [3, 3, 1], "as often as one likes"
    found.close()
