"""`export graph`: the network as a file for other programs."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from expertfinder.cli.app import app, bar, emit, networking, opened, out
from expertfinder.cli.find import eyes
from expertfinder.cli.options import Asking, grouped
from expertfinder.errors import Conflict, InvalidQuestion, TooLarge

if TYPE_CHECKING:
    import networkx as nx

    from expertfinder.recommend.network.export import Edge, Graph, Node

export_app = typer.Typer(no_args_is_help=True, help="Write what is known into files for other programs.")
app.add_typer(export_app, name="export")

MOST_IN_MEMORY = 1_000_000
"""Most nodes and ties of a GraphML or GEXF file, which networkx holds whole in about a gigabyte. JSONL has no limit."""
EVERY = 1_000
"""Progress is told each time so many nodes or ties are written."""
NO_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Characters that cannot stand in XML, not even escaped."""


class Format(StrEnum):
    """How the graph is written."""

    GRAPHML = "graphml"
    GEXF = "gexf"
    JSONL = "jsonl"


@export_app.command("graph")
@grouped
def export_graph(
    *,
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    how: Annotated[
        Format | None, typer.Option("--format", help="What kind of file; without it by the end of its name.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    asking: Asking,
) -> None:
    """Write people, communities and the ties between them, as far as they may be seen, with their weights."""
    chosen = how or _by_name(file)
    if file.is_dir() or (file.exists() and not force):
        raise Conflict(f"{file} is there already: name another file" + ("" if file.is_dir() else ", or say --force"))
    began = time.monotonic()
    with opened(asking.home) as finder:
        graph = networking(finder).graph(eyes(finder, asking, event="export graph"))
        if chosen is not Format.JSONL and graph.nodes + graph.edges > MOST_IN_MEMORY:
            raise TooLarge(
                f"{graph.nodes + graph.edges:,} nodes and ties are too many for {chosen}: use --format jsonl",
                limit=MOST_IN_MEMORY,
            )
        try:
            with bar() as advance:
                _write(graph, file, chosen, step=lambda done: advance("writing", done, graph.nodes + graph.edges))
        except OSError as error:
            raise InvalidQuestion(f"{file} cannot be written: {error.strerror or error}") from error
        told = {"file": str(file), "format": chosen, "nodes": graph.nodes, "ties": graph.edges}
    if asking.as_json:
        emit(told)
        return
    seconds = time.monotonic() - began
    out.print(f"{graph.nodes:,} nodes and {graph.edges:,} ties are in {file}, done in {seconds:.1f} s", markup=False)


def _by_name(file: Path) -> Format:
    try:
        return Format(file.suffix.removeprefix(".").lower())
    except ValueError:
        raise InvalidQuestion(f"what kind of file is {file.name}? Say --format {', '.join(Format)}") from None


def _write(graph: Graph, file: Path, how: Format, *, step: Callable[[int], None]) -> None:
    """Write the whole file or none: into a temporary file beside it, which is renamed at the end."""
    handle, made = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            if how is Format.JSONL:
                _lines(graph, stream, step)
            else:
                import networkx as nx

                write = nx.write_graphml if how is Format.GRAPHML else nx.write_gexf
                write(_whole(graph, step), stream)
        os.replace(made, file)
    finally:
        Path(made).unlink(missing_ok=True)


def _all(graph: Graph, step: Callable[[int], None]) -> Iterator[Node | Edge]:
    everything: Iterator[Node | Edge] = chain(graph.each_node(), graph.each_edge())
    for done, each in enumerate(everything, 1):
        yield each
        if not done % EVERY:
            step(done)


def _lines(graph: Graph, stream: BinaryIO, step: Callable[[int], None]) -> None:
    """One line a node, then one a tie; never more than one of them in memory."""
    import orjson

    for each in _all(graph, step):
        stream.write(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE))


def _whole(graph: Graph, step: Callable[[int], None]) -> nx.MultiDiGraph[str]:
    """The graph as networkx has it. A `tie` has no direction: it stands once, from the lower id to the higher."""
    import networkx as nx

    from expertfinder.recommend.network.export import Node

    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number, each in enumerate(_all(graph, step)):
        if isinstance(each, Node):
            made.add_node(_xml(each.id), label=_xml(each.name), kind=each.kind, unit=_xml(each.unit))
        else:
            made.add_edge(_xml(each.source), _xml(each.target), key=number, kind=each.kind, weight=each.weight)
    return made


def _xml(text: str) -> str:
    return re.sub(NO_XML, "", text)
