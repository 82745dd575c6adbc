"""`ingest native|csv|git|formats`, and `ingest NAME` for each source that is found by its name."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from expertfinder.cli.app import app, emit, out
from expertfinder.cli.ingest.named import NamedSources, read_named
from expertfinder.cli.ingest.options import Importing, SkipOption
from expertfinder.cli.ingest.running import Said, name_of, run, source_of
from expertfinder.cli.options import JsonOption, grouped
from expertfinder.errors import InvalidQuestion

if TYPE_CHECKING:
    from expertfinder.sources import Reader

ingest_app = typer.Typer(
    no_args_is_help=True,
    cls=NamedSources,
    help="Import an organisation's records: native files, CSV, git, and exports by their names (see `formats`).",
)
app.add_typer(ingest_app, name="ingest")

FITTING_TOLD = 3
"""Ready mappings that are named for a table without one: those that find most in it."""


def _said(importing: Importing, *, otherwise: str = "") -> Said:
    """What was said of the source. `otherwise`: the kinds of keys that it proves where nothing was said."""
    return Said(importing.home, importing.audience, importing.proves or otherwise or None)


def _run(reader: Reader, importing: Importing) -> None:
    index, as_json = not importing.no_index, importing.as_json
    run(reader, importing.home, importing.how, index=index, as_json=as_json)


@ingest_app.command("native")
@grouped
def ingest_native(
    *,
    path: Annotated[Path, typer.Argument(help="Folder with people.jsonl, posts.jsonl, ..., or one NDJSON file.")],
    skip: SkipOption = 0,
    importing: Importing,
) -> None:
    """Import the native JSONL files."""
    from expertfinder.sources import NativeReader

    of = source_of(importing.source or name_of(path), _said(importing))
    reader = NativeReader(path, source=of, skip=skip)
    _run(reader, importing)


@ingest_app.command("csv")
@grouped
def ingest_csv(
    *,
    path: Annotated[Path, typer.Argument(help="The CSV file.")],
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping",
            help="TOML file that says which column is which field, or the name of a ready one. Needed; without it you "
            "are told which ready ones fit the table.",
        ),
    ] = None,
    skip: SkipOption = 0,
    importing: Importing,
) -> None:
    """Import a CSV file with a mapping."""
    from expertfinder.sources import CsvReader
    from expertfinder.sources.mapping import read_mapping

    if mapping is None:
        raise InvalidQuestion(_no_mapping(path))
    of = source_of(importing.source or name_of(path), _said(importing))
    reader = CsvReader(path, source=of, mapping=read_mapping(mapping), skip=skip)
    _run(reader, importing)


def _no_mapping(path: Path) -> str:
    """What to do about a table without a mapping: which ready ones fit it, or that one is to be written."""
    from expertfinder.sources.csv import fitting
    from expertfinder.sources.mapping import shipped_mappings

    needed = "a table needs --mapping: a TOML file that says which column is which field"
    if not path.is_file():
        return f"{needed}, or the name of a ready one; and there is no file {path}"
    fit = [f"{name} (finds {', '.join(fields)})" for name, fields in fitting(path).items()]
    if fit:
        return f"{needed}, or a ready one; {path.name} has the columns of {'; '.join(fit[:FITTING_TOLD])}"
    ready = ", ".join(shipped_mappings())
    return f"{needed} (docs/import.md shows one), as {path.name} has the columns of no ready one; those are {ready}"


@ingest_app.command("git")
@grouped
def ingest_git(
    *,
    path: Annotated[Path, typer.Argument(help="The repository.")],
    since: Annotated[str, typer.Option("--since", help="Only commits after this date.")] = "",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many commits, the newest.")] = None,
    branch: Annotated[str, typer.Option("--branch", help="Whose history; without it, what is checked out.")] = "",
    importing: Importing,
) -> None:
    """Import a git repository: who knows what in it? Open to the organisation unless --audience says else."""
    if importing.complete and (since or limit is not None):
        raise InvalidQuestion("a part of the history is not complete: leave --complete out, or --since and --limit")
    from expertfinder.sources import GitReader

    of = source_of(importing.source or name_of(path), _said(importing), otherwise="organisation")
    reader = GitReader(path, source=of, since=since, limit=limit, branch=branch)
    _run(reader, importing)


@ingest_app.command("from", hidden=True)
@grouped
def ingest_from(
    *,
    name: Annotated[str, typer.Argument(help="A source; `formats` lists them.")],
    path: Annotated[Path, typer.Argument(help="The file or the folder.")],
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help="An option of it; again for more."),
    ] = None,
    skip: SkipOption = 0,
    importing: Importing,
) -> None:
    """Import from a source by its name, with its options as NAME=VALUE: what `ingest NAME PATH` does."""
    read_named(name, path, dict(word.partition("=")[::2] for word in option or ()), skip, importing)


@ingest_app.command("formats")
def ingest_formats(as_json: JsonOption = False) -> None:
    """The sources that are read by their names, ours and those of other packages, and what each says of itself."""
    from expertfinder.sources.formats import formats

    found = formats()
    if as_json:
        emit(
            [
                {each.name: getattr(one, each.name) for each in fields(one) if each.name != "open"}
                for one in found.values()
            ]
        )
        return
    for one in found.values():
        said = [f"accounts: {', '.join(one.keys) or 'none'}", f"answers for: {', '.join(one.proves) or 'none'}"]
        said += ["says who may read" if one.audiences else "--audience says who may read"]
        said += [word for word, has in (("knows machines", one.machines), ("tells deletions", one.withdraws)) if has]
        said += [f"place: {one.place}"] if one.place else []
        out.print(f"{one.name}: {one.summary} ({'; '.join(said)})", markup=False, soft_wrap=True)
        for word, does in one.options.items():
            out.print(f"  --{word}{'' if word in one.flags else ' ...'}  {does}", markup=False)
