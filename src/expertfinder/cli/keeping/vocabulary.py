"""`vocabulary`: the organisation's own names of topics, from a file, and decisions about single topics."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from expertfinder.cli.app import again, app, build_index, day_given, emit, existing, out
from expertfinder.cli.ingest.options import NoIndexOption
from expertfinder.cli.options import HomeOption, JsonOption
from expertfinder.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from expertfinder.store import Store

vocabulary_app = typer.Typer(
    no_args_is_help=True, help="The organisation's own names of topics: import, show, remove, hide, merge, rename."
)
app.add_typer(vocabulary_app, name="vocabulary")

T = TypeVar("T")

PROMPT = "prompt"
"""Who decided, as the record remembers it, where a decision was made with these commands."""

LabelArgument = Annotated[str, typer.Argument(help="A label of the topic, in any language.")]


@vocabulary_app.command("import")
def vocabulary_import(
    file: Annotated[Path, typer.Argument(help="SKOS as RDF/XML (.rdf, .xml) or Turtle (.ttl), or a table (.csv).")],
    name: Annotated[str, typer.Option("--name", help="What it is called here (default: the name of the file).")] = "",
    language: Annotated[str, typer.Option("--language", help="In which its labels are shown.")] = "en",
    no_index: NoIndexOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a vocabulary in place of the one of this name. What the file no longer has leaves."""
    from expertfinder.ingest.concepts import MOST_BYTES, read_vocabulary
    from expertfinder.ingest.vocabularies import From, put_vocabulary

    began = time.monotonic()
    try:
        with file.open("rb") as opened:
            body = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror}", file=str(file)) from None
    concepts = read_vocabulary(file.name, body, language=language)
    source = From(name=name or file.stem.lower().replace(" ", "-"), file=file.name, language=language, by=PROMPT)
    done = _changed(
        lambda store: put_vocabulary(store, concepts, source), home, index=not no_index, moved=lambda done: done.moved
    )
    if as_json:
        emit({"name": source.name, "indexed": not no_index, **{each: getattr(done, each) for each in done.__slots__}})
        return
    out.print(
        f"{source.name}: {done.concepts:,} concepts with {done.labels:,} labels; {done.added:,} added, "
        f"{done.changed:,} changed, {done.withdrawn:,} withdrawn in {time.monotonic() - began:.1f} s",
        markup=False,
    )
    out.print("next: " + again("index" if no_index else "vocabulary show", home), markup=False)


@vocabulary_app.command("show")
def vocabulary_show(
    label: Annotated[str, typer.Argument(help="A label: what it means here. Without one, all vocabularies.")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Vocabularies and decisions that are kept; of a label, the concept that it means."""
    from expertfinder.index.posts.concepts import read_concepts, words_of
    from expertfinder.store.statements.concepts import ConceptScheme, TopicDecision

    store = existing(home).open_store()
    try:
        schemes, decisions = store.statements(ConceptScheme), store.statements(TopicDecision)
        concept = read_concepts(store).of(words_of(label)) if label else None
    finally:
        store.close()
    if as_json:
        kept = [
            {"name": one.name, "file": one.file, "language": one.language, "concepts": len(one.packed)}
            for one in schemes
        ]
        emit({"concept": concept} if label else {"vocabularies": kept, "decisions": decisions})
        return
    if label:
        if concept is None:
            out.print(f"{label} means no concept here", markup=False)
            return
        facts = (("hidden", concept.hidden), (f"half-life: {concept.half_life}", concept.half_life))
        out.print(", ".join([concept.label, *(text for text, holds in facts if holds)]), markup=False)
        out.print(f"  labels: {', '.join(concept.words)}", markup=False)
        if concept.broader:
            out.print(f"  broader: {', '.join(concept.broader)}", markup=False)
        return
    for one in schemes:
        out.print(
            f"{one.name}: {len(one.packed):,} concepts of {one.file}, {one.at:%Y-%m-%d}, by {one.by}", markup=False
        )
    for said in decisions:
        what = [f"called {said.name}"] * bool(said.name) + [f"one with {said.into}"] * bool(said.into)
        what += ["hidden"] * said.hidden + [f"half-life {said.half_life}"] * bool(said.half_life)
        out.print(f"{said.label}: {', '.join(what)}; {said.by}, {said.at:%Y-%m-%d}", markup=False)
    if not (schemes or decisions):
        out.print("no vocabulary was imported, and nothing was decided about a topic")
        out.print("next: " + again("vocabulary import FILE", home), markup=False)


@vocabulary_app.command("remove")
def vocabulary_remove(
    name: Annotated[str, typer.Argument(help="What it is called here.")],
    no_index: NoIndexOption = False,
    home: HomeOption = None,
) -> None:
    """Take a vocabulary out. Topics are then called as posts call them; decisions about single topics stay."""
    from expertfinder.ingest.vocabularies import remove_vocabulary

    gone = _changed(lambda store: remove_vocabulary(store, name, by=PROMPT), home, index=not no_index)
    out.print(f"{name}: {gone:,} concepts withdrawn", markup=False)


@vocabulary_app.command("hide")
def vocabulary_hide(label: LabelArgument, no_index: NoIndexOption = False, home: HomeOption = None) -> None:
    """Take a topic out of all pages, under all its labels. Posts stay, and are found by their words."""
    _decided(label, home, index=not no_index, hidden=True)


@vocabulary_app.command("merge")
def vocabulary_merge(
    label: LabelArgument,
    into: Annotated[str, typer.Argument(help="The topic that it is one with.")],
    no_index: NoIndexOption = False,
    home: HomeOption = None,
) -> None:
    """Make a topic one with another one, under whose label it is shown."""
    _decided(label, home, index=not no_index, into=into)


@vocabulary_app.command("rename")
def vocabulary_rename(
    label: LabelArgument,
    to: Annotated[str, typer.Argument(help="How it is shown.")],
    no_index: NoIndexOption = False,
    home: HomeOption = None,
) -> None:
    """Show a topic under another label; the old one still finds it."""
    _decided(label, home, index=not no_index, name=to)


@vocabulary_app.command("half-life")
def vocabulary_half_life(
    label: LabelArgument,
    of: Annotated[str, typer.Argument(help="lasting (learned once), usual, or passing (changes each year).")],
    no_index: NoIndexOption = False,
    home: HomeOption = None,
) -> None:
    """Say how long evidence under a topic counts."""
    _decided(label, home, index=not no_index, half_life=of)


@vocabulary_app.command("undo")
def vocabulary_undo(label: LabelArgument, no_index: NoIndexOption = False, home: HomeOption = None) -> None:
    """Forget what was decided about a topic."""
    from expertfinder.index.posts.concepts import words_of
    from expertfinder.ingest.vocabularies import undecide

    _changed(lambda store: undecide(store, words_of(label), by=PROMPT), home, index=not no_index)
    out.print(f"{label}: nothing is decided any more", markup=False)


def _decided(label: str, home: Path | None, *, index: bool, **what: str | bool) -> None:
    from expertfinder.index.posts.concepts import words_of
    from expertfinder.ingest.vocabularies import decide
    from expertfinder.store.statements.concepts import TopicDecision

    decision = TopicDecision(topic=words_of(label), label=label, by=PROMPT, at=datetime.now(UTC), **what)  # type: ignore[arg-type]
    _changed(lambda store: decide(store, decision), home, index=index)
    out.print(f"{label}: decided", markup=False)
    if not index:
        out.print("next: " + again("index", home), markup=False)


def _changed(
    change: Callable[[Store], T], home: Path | None, *, index: bool, moved: Callable[[T], bool] = lambda done: True
) -> T:
    """Change the record, and index it anew where `moved` says that answers change. Returns what `change` returned."""
    place, day = existing(home), day_given(home)
    store = place.open_store()
    try:
        done = change(store)
        if index and moved(done):
            build_index(place, store, as_of=day)
    finally:
        store.close()
    return done
