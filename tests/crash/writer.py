"""A writer in a process of its own, for `test_faults.py`. Each mode prints one JSON object a line."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

from expertfinder.errors import StoreError
from expertfinder.model import Interaction, Post, Source
from expertfinder.store import Store, open_store

NOBODY = 65534  # the user id without rights on every Linux


def say(**words: object) -> None:
    print(json.dumps(words), flush=True)  # noqa: T201


def attempt(action: Callable[[], object]) -> str:
    """What came of it: `done`, or the error's type."""
    try:
        action()
    except StoreError as error:
        return error.type
    return "done"


def posts(name: str, number: int, size: int) -> list[Post]:
    return [Post(id=f"{name}:{number}-{place}", source=name, text="x" * 1000) for place in range(size)]


def compete(record: Path, name: str, batches: int) -> None:
    """Write batches of ten acts of one's own, and one mark that all writers change."""
    store = open_store(record)
    for number in range(batches):
        acts = [
            Interaction(id=f"{name}:{number}-{place}", source=name, actor=name, verb="like", object="all:mark")
            for place in range(10)
        ]
        receipt = store.apply([*acts, Source(id="all:mark", description=f"{name}-{number}")])
        say(sequence=receipt.sequence, added=receipt.count("added"), changed=receipt.count("changed"))
    store.close()


def outgrow(record: Path, limit: int) -> None:
    """Write until the system allows no larger file; then, with the limit gone, once more with the same store."""
    store = open_store(record)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    number = 0
    while (outcome := attempt(partial(store.apply, posts("big", number, 20)))) == "done":
        number += 1
    say(outcome=outcome, whole=number, there=store.count("post"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    say(outcome=attempt(partial(store.apply, posts("big", number, 20))), there=store.count("post"))
    store.close()


def without_rights(record: Path) -> None:
    """Read and write as somebody who may only read the file and its folder."""
    if os.geteuid() == 0:
        # Nobody may not read Python's own files either, where they are root's: what opening needs is loaded before.
        import_module("expertfinder.store.sqlite.store")
        os.setuid(NOBODY)
    opened: list[Store] = []
    say(outcome=attempt(lambda: opened.append(open_store(record))))


if __name__ == "__main__":
    mode, path, *rest = sys.argv[1:]
    if mode == "compete":
        compete(Path(path), rest[0], int(rest[1]))
    elif mode == "outgrow":
        outgrow(Path(path), int(rest[0]))
    else:
        without_rights(Path(path))
