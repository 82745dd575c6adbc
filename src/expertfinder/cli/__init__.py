"""The command line: the questions of the service, asked at the prompt.

A command says what it did, to how much, how long it took, and what to do next.

Progress is on stderr; `--json` puts one document on stdout.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from expertfinder import __version__
from expertfinder.cli import (  # noqa: F401  (each registers)
    analyse,
    assess,
    assistants,
    communities,
    endorse,
    find,
    index,
    network,
    notify,
    organisation,
    serve,
    talent,
)
from expertfinder.cli.app import app
from expertfinder.cli.evaluating import evaluate, replay, tune  # noqa: F401
from expertfinder.cli.ingest import commands, watch  # noqa: F401
from expertfinder.cli.keeping import copy, desk, erase, export, identity, vocabulary, withdraw  # noqa: F401
from expertfinder.errors import ExpertFinderError


def _told(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


@app.callback()
def about(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_told)
    ] = False,
) -> None:
    """Who knows this? With reasons, with how sure, and only from what you may read."""


def main() -> None:
    """The `expertfinder` command. An error of ours is one line on stderr and exit code 1.

    Products of matrices take one thread, unless the environment says otherwise: several wait for one another in loops.
    Read by OpenBLAS when numpy is loaded, which no command has done yet, and by every process that is started here.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except ExpertFinderError as error:
        print(f"expertfinder: {error.title.lower()}: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # the program that reads our output has closed the pipe
        sys.exit(0)
