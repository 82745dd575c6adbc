"""Brings a record to today's shape: the numbered files of `graph/sqlite/` and `graph/neo4j/`, forward only.

In SQLite each is one transaction, and the number of the last one applied is the file's `user_version`;
`application_id` says that the file is ours. In Neo4j the schema and the nodes cannot change in one transaction: each
statement may run twice without harm, and the number is a `Property` that is set when all of a file have run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import apsw

from expertfinder.configuration.resources import graph_folder
from expertfinder.errors import FormatNotSupported, StoreError

APPLICATION_ID: Final = 0x45584644
"""The letters EXFD in the header of the file, so that we never write into somebody else's database."""


def scripts(folder: Path | None = None) -> list[str]:
    """The migrations in order: number n is at index n - 1. Raises `StoreError` for a gap in the numbers."""
    files = sorted((folder or graph_folder() / "sqlite").glob("[0-9][0-9][0-9][0-9]_*"))
    numbers = [int(file.name[:4]) for file in files]
    if not files or numbers != list(range(1, len(files) + 1)):
        raise StoreError(f"the migrations must be numbered from 1 without gaps, and are {numbers}: install anew")
    return [file.read_text(encoding="utf-8") for file in files]


def statements(folder: Path | None = None) -> list[list[str]]:
    """The migrations of Neo4j, as the statements of each: comments are left out."""
    steps = []
    for script in scripts(folder or graph_folder() / "neo4j"):
        lines = (line for line in script.splitlines() if not line.startswith("//"))
        parts = "\n".join(lines).split(";\n")
        steps.append([part.strip().removesuffix(";") for part in parts if part.strip()])
    return steps


def migrate(connection: apsw.Connection, *, folder: Path | None = None) -> int:
    """Apply what is missing. Returns the version afterwards. Raises `FormatNotSupported` for a file of newer code."""
    steps = scripts(folder)
    version = check(connection, latest=len(steps))
    for number in range(version + 1, len(steps) + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if check(connection, latest=len(steps)) < number:  # another process may have come first
                connection.execute(steps[number - 1])
                connection.pragma("application_id", APPLICATION_ID)
                connection.pragma("user_version", number)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    return len(steps)


def half_copied(where: object, origin: str) -> StoreError:
    """The error for whoever opens the target of a copy that broke off."""
    return StoreError(f"the record at {where} is half a copy of {origin}: run the same `expertfinder copy` again")


def check(connection: apsw.Connection, *, latest: int | None = None) -> int:
    """The version of the file, 0 for an empty one. Raises `FormatNotSupported`, and `StoreError` for a foreign file."""
    newest = len(scripts()) if latest is None else latest
    with connection:  # one moment for all three: another process may be making the file just now
        application, version = connection.pragma("application_id"), connection.pragma("user_version")
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").get
    if application != APPLICATION_ID and (tables or application or version):
        raise StoreError("this file is a database of another program; name another file")
    if version > newest:
        raise FormatNotSupported(
            f"the record has format {version} and this version reads up to {newest}:"
            " install the newer expertfinder that wrote it",
            found=version,
            supported=newest,
        )
    return int(version)
