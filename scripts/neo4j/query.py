"""Asks a question of graph/queries and prints the answer.

    python scripts/neo4j/query.py graph/queries/bus_factor.cypher [least=3 ...] [--json]

The server is that of EXPERTFINDER_RECORD and EXPERTFINDER_NEO4J_PASSWORD, or else the one that `make neo4j` started.
A parameter that is not given has the value that the file names.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from neo4j import GraphDatabase, Session
from neo4j.exceptions import DriverError, Neo4jError

sys.path.insert(0, str(Path(__file__).parents[2]))
from scripts.neo4j.server import HOME, Server


def defaults(text: str) -> dict[str, Any]:
    """The parameters that the comment of a question names, and their values."""
    found = dict(re.findall(r"^// :param (\w+) => (.+)$", text, flags=re.MULTILINE))
    return {name: read(value) for name, value in found.items()}


def read(value: str) -> Any:
    """A number, a list, a text in either quotes or none."""
    try:
        return json.loads(value.replace("'", '"'))
    except ValueError:
        return value


def ask(session: Session, text: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of the statement that answers: the only one, or the last but the one that drops its projection again.

    What was projected is dropped when a statement fails, too.
    """
    statements = [part for part in re.split(r";\n", text) if part.strip()]
    words = defaults(text) | given
    answers = []
    try:
        answers = [[dict(row) for row in session.run(each, words)] for each in statements]  # type: ignore[arg-type]
    finally:
        if len(statements) > 1 and len(answers) < len(statements):
            session.run(statements[-1]).consume()  # type: ignore[arg-type]
    return answers[0] if len(answers) == 1 else answers[-2]


def where() -> tuple[str, tuple[str, str]]:
    """Address, and user and password. Ends the program where there is no server."""
    named = os.environ.get("EXPERTFINDER_RECORD", "")
    if "://" in named:
        parts = urlsplit(named)
        password = unquote(parts.password or "") or os.environ.get("EXPERTFINDER_NEO4J_PASSWORD", "")
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", (unquote(parts.username or "neo4j"), password)
    server = Server.of(HOME)
    if server is None or not server.runs():
        raise SystemExit("no server: name one in EXPERTFINDER_RECORD, or run `make neo4j`")
    return server.uri, server.auth


def main(arguments: list[str] | None = None) -> int:
    """Ask, and print a line a row; 1 where the server says no."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    pairs = (each.partition("=") for each in options.parameters)
    given = {name: read(value) for name, _, value in pairs}
    address, login = where()
    try:
        with (
            GraphDatabase.driver(address, auth=login, notifications_min_severity="OFF") as driver,
            driver.session() as session,
        ):
            rows = ask(session, options.file.read_text(encoding="utf-8"), given)
    except (Neo4jError, DriverError) as error:
        print(f"{address}: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(rows, default=str))
        return 0
    if rows:
        print(" | ".join(rows[0]))
    for row in rows:
        print(" | ".join(str(value) for value in row.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
