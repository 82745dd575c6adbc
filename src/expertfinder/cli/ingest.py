"""`demo`, `ingest`, `index`: facts in."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from expertfinder.cli.app import HomeOption, JsonOption, again, app, bar, build_index, emit, existing, home_of, out
from expertfinder.configuration.settings import settings
from expertfinder.errors import Conflict, InvalidQuestion, SourceError
from expertfinder.identity import Join, kind_named
from expertfinder.model import Source

if TYPE_CHECKING:
    from expertfinder.index.network.ties import Ties
    from expertfinder.ingest import How, Report
    from expertfinder.sources import Reader
    from expertfinder.store import Store

JOINS_TOLD = 5
"""Joins, and records of one, that the report of an import names; the rest is a command away."""
UNREAD_TOLD = 20
"""Records that cannot be read, of which the report names so many; with `--json` it names 200."""
EVENTS = {"born": "new", "ended": "ended", "split": "split", "merged": "merged"}
"""What becomes of communities, in the words of the index and of the prompt."""
ingest_app = typer.Typer(
    no_args_is_help=True, help="Import an organisation's records: native files, CSV, a git repository."
)
app.add_typer(ingest_app, name="ingest")

AudienceOption = Annotated[
    str | None,
    typer.Option(
        "--audience",
        help="Who may read what says nothing itself: organisation, private (default: the authors), or group ids.",
    ),
]
SourceOption = Annotated[str | None, typer.Option("--source", help="Name of the source, the first half of every id.")]
DirectoryOption = Annotated[
    bool | None,
    typer.Option(
        "--directory/--no-directory",
        help="Its records of people decide groups, names and who is hidden; said once, it stays so.",
        show_default=False,
    ),
]
ProvesOption = Annotated[
    str | None,
    typer.Option("--proves", help="Kinds of account keys it answers for: employee,email (a directory: all)."),
]
ChangeOption = Annotated[
    bool, typer.Option("--change-audience", help="Let a known source take another default audience.")
]
CompleteOption = Annotated[
    bool, typer.Option("--complete", help="These files are all there is: what the source no longer has is withdrawn.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask where --complete would withdraw much.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")]
KeepDaysOption = Annotated[
    int | None,
    typer.Option(
        "--keep-days",
        min=0,
        help="Withdraw its posts and interactions when they are older; remembered, 0 for ever.",
        show_default=False,
    ),
]
NoIndexOption = Annotated[
    bool, typer.Option("--no-index", help="Only write the facts; run `expertfinder index` later.")
]


SkipOption = Annotated[
    int,
    typer.Option(
        "--skip-unreadable",
        min=0,
        metavar="N",
        help="Leave out up to so many records that cannot be read, and list them.",
    ),
]


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of a source."""

    home: Path | None
    audience: str | None
    proves: str | None


def _audience(value: str | None) -> str | list[str] | None:
    return value if value in (None, "organisation", "private") else [part.strip() for part in str(value).split(",")]


def _source(name: str, said: _Said, *, otherwise: str | None = None) -> Source:
    """The source as it is to be registered. Where no audience is said: as it was registered, else `otherwise`."""
    from expertfinder.sources import declared

    kinds = [part.strip() for part in (said.proves or "").split(",")]
    source = declared(name, audience=_audience(said.audience or otherwise))
    if said.audience is None and (known := _registered(said.home, name)) is not None:
        source = replace(source, audience=known.audience)
    return replace(source, proves=tuple(sorted({kind_named(k) for k in kinds if k})))


def _registered(home: Path | None, name: str) -> Source | None:
    """The source as the record has it, `None` where there is none yet."""
    place = home_of(home)
    if not place.has_record:
        return None
    store = place.open_store()
    try:
        return next(iter(store.get("source", [name])), None)
    finally:
        store.close()


def _name(path: Path) -> str:
    plain = "".join(c if c.isalnum() or c in "._-" else "-" for c in path.resolve().name.lower()).strip("._-")
    return plain or "source"


def _run(reader: Reader, home: Path | None, how: How, *, index: bool, as_json: bool) -> None:
    began = time.monotonic()
    place = home_of(home)
    # A dry run makes no home where there is none.
    aside = TemporaryDirectory() if how.dry_run and not place.has_record else None
    store = (replace(place, folder=Path(aside.name)) if aside is not None else place).open_store()
    try:
        report = _import(store, reader, how)
        found = told_of(build_index(place, store)) if index and not how.dry_run else None
    finally:
        store.close()
        if aside is not None:
            aside.cleanup()
    seconds = time.monotonic() - began
    if as_json:
        made = {"indexed": found is not None, "communities": found}
        emit({**_summary(report), **made, "seconds": round(seconds, 2), "home": str(place.folder)})
        return
    _tell(report, seconds=seconds)
    if how.dry_run:
        out.print("this was a dry run: nothing was changed")
        return
    if found is not None:
        out.print(_communities(found))
    out.print("next: " + again('find "what you need somebody for"' if index else "index", home), markup=False)


@contextmanager
def _told_how_to_go_on() -> Iterator[None]:
    """What one record spoils can be read without it, and the error says how."""
    try:
        yield
    except SourceError as error:
        if "line" in error.extras:
            detail = f"{error.detail}; nothing was written (--skip-unreadable N leaves out up to N such records)"
            raise SourceError(detail, **error.extras) from None
        raise


def _import(store: Store, reader: Reader, how: How) -> Report:
    """Import; where a complete import would withdraw much, whoever sits at a terminal is asked."""
    from expertfinder.ingest import ingest

    def once(wished: How) -> Report:
        with bar() as advance, _told_how_to_go_on():
            return ingest(store, reader, progress=lambda done, total: advance("reading", done, total), how=wished)

    try:
        return once(how)
    except Conflict as conflict:
        if "withdrawn" not in conflict.extras or not sys.stdin.isatty():
            raise
        much = f"{conflict.extras['withdrawn']:,} of its {conflict.extras['of']:,} facts are no longer in the source"
        typer.confirm(f"{much}. Withdraw them?", abort=True)
        return once(replace(how, many=True))


def told_of(ties: Ties) -> dict[str, int | bool]:
    """What became of the detected communities in a snapshot: how many there are, and how many were `born`, `ended`,
    `split` or `merged`; `late` where the search was not over in time, so that those of before stay."""
    often = Counter(event[0] for event in ties.events)
    late = bool(ties.detected) and not ties.resolution
    return {"found": len(ties.detected), **{name: often[name] for name in EVENTS}, "late": late}


def _communities(found: dict[str, int | bool]) -> str:
    if found["late"]:
        return f"communities: not found in time, the {found['found']:,} of before stay"
    if not found["found"] and not found["ended"]:
        return "communities: none found, there are too few ties"
    happened = ", ".join(f"{found[name]:,} {word}" for name, word in EVENTS.items() if found[name])
    return f"communities: {found['found']:,} found" + (f" ({happened})" if happened else ", as before")


def _summary(report: Report) -> dict[str, Any]:
    return {
        "source": report.source.id,
        "default_audience": report.source.audience.scope,
        "kinds": report.kinds,
        "unknown_fields": dict(report.counts.unknown_fields),
        "unknown_verbs": dict(report.counts.unknown_verbs),
        "unattributed": report.counts.unattributed,
        "private_by_default": report.counts.private_by_default,
        "unknown_audiences": report.counts.unknown_audiences,
        "skipped": dict(report.counts.skipped),
        "unreadable": report.counts.unread,
        "notes": dict(report.counts.notes),
        "remarks": report.counts.remarks,
        "machines": [
            {"who": who, "kind": kind, "why": why, "often": often}
            for (who, kind, why), often in report.counts.nobodies.most_common()
        ],
        "dry_run": report.dry_run,
        "withdrawn": dict(report.withdrawn),
        "missing": dict(report.missing),
        "expired": dict(report.expired),
        "keep_days": report.keep_days,
        "kept_away": report.kept_away,
        "repeated": report.repeated,
        "unknown_people": report.unknown_people,
        "ambiguous_names": report.ambiguous_names,
        "directory": report.source.directory,
        "joins": report.joins,
        "sequence": report.sequence,
    }


def _tell(report: Report, *, seconds: float) -> None:
    for kind, tally in report.kinds.items():
        if tally.read:
            parts = [
                f"{getattr(tally, name):,} {name}"
                for name in ("added", "changed", "unchanged", "refused")
                if getattr(tally, name)
            ]
            out.print(f"{kind:<12} {tally.read:>9,} read: {', '.join(parts)}", markup=False)
    counts = report.counts
    for what, gone in (
        ("taken back by the source", report.withdrawn),
        ("no longer in the source, withdrawn", report.missing),
        (f"older than the {report.keep_days:,} days that its source keeps them, withdrawn", report.expired),
    ):
        if gone:
            out.print(f"{what}: {', '.join(f'{number:,} of kind {kind}' for kind, number in gone.items())}")
    if report.kept_away:
        out.print(f"{report.kept_away:,} were withdrawn earlier and are the same as then: they stay away")
    if counts.unattributed:
        out.print(f"{counts.unattributed:,} acts of nobody known were left out")
    if counts.unknown_verbs:
        out.print(
            f"verbs that weigh nothing: {', '.join(f'{n} ({c:,})' for n, c in counts.unknown_verbs.most_common(8))}",
            markup=False,
        )
    if counts.unknown_fields:
        out.print(
            f"fields that are not used: {', '.join(f'{n} ({c:,})' for n, c in counts.unknown_fields.most_common(8))}",
            markup=False,
        )
    for reason, number in counts.skipped.items():
        out.print(f"left out: {number:,} {reason}", markup=False)
    if counts.unreadable:
        out.print(f"left out: {counts.unreadable:,} records that cannot be read")
    for line in counts.unread[:UNREAD_TOLD]:
        out.print(f"  {line}", markup=False, soft_wrap=True)
    for what, number in counts.notes.items():
        out.print(f"{number:,} {what}", markup=False)
    for remark in counts.remarks:
        out.print(remark, markup=False, soft_wrap=True)
    for line in _nobodies_in_words(counts.nobodies):
        out.print(line, markup=False, soft_wrap=True)
    if counts.unknown_audiences:
        out.print(f"{counts.unknown_audiences:,} records have an audience that is not understood: nobody may read them")
    if report.unknown_people:
        out.print(
            f"{report.unknown_people:,} authors or actors are in nobody's record: nobody is credited for them yet; "
            "`expertfinder identity list` names them, `expertfinder identity join AUTHOR RECORD` says who they are"
        )
    for line in joins_in_words(report.joins):
        out.print(line, markup=False)
    if report.ambiguous_names:
        out.print(
            f"{report.ambiguous_names:,} names belong to several people without a common key: they stay several people"
        )
    if counts.private_by_default:
        out.print(
            f"{counts.private_by_default:,} posts are their authors' only, because the source says nothing else; "
            "if the whole organisation may read them, import again with --audience organisation --change-audience"
        )
    out.print(f"done in {seconds:.1f} s")


def _nobodies_in_words(found: Counter[tuple[str, str, str]]) -> list[str]:
    """Accounts that are no people, a line each with the reason, and how to say that one is a person after all."""
    if not found:
        return []
    lines = [f"{len(found):,} accounts are machines or shared: they are never named and earn no credit"]
    for (who, kind, why), often in found.most_common(JOINS_TOLD):
        times = f", {often:,} times" if often > 1 else ""
        lines.append(f"  {who}: {kind}, because {why}{times}")
    lines.append(
        "  a person among them? say `kind: person` in the record, or list the name under `people` in the file of "
        "EXPERTFINDER_MACHINES"
    )
    return lines


def joins_in_words(joins: Sequence[Join]) -> list[str]:
    """Joins of differently named records, a line each: what a person should look at."""
    if not joins:
        return []
    lines = [f"{len(joins):,} account keys join records of different names; `expertfinder identity list` shows all:"]
    for join in joins[:JOINS_TOLD]:
        sure = "one human" if join.proven else "evidence alone"
        lines.append(f"  {join.key or 'decided by hand'}: {', '.join(join.records[:JOINS_TOLD])} ({sure})")
    return lines


@ingest_app.command("native")
def ingest_native(
    path: Annotated[Path, typer.Argument(help="Folder with people.jsonl, posts.jsonl, ..., or one NDJSON file.")],
    source: SourceOption = None,
    skip: SkipOption = 0,
    audience: AudienceOption = None,
    change_audience: ChangeOption = False,
    directory: DirectoryOption = None,
    proves: ProvesOption = None,
    keep_days: KeepDaysOption = None,
    complete: CompleteOption = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    no_index: NoIndexOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import the native JSONL files."""
    from expertfinder.ingest import How
    from expertfinder.sources import NativeReader

    of = _source(source or _name(path), _Said(home, audience, proves))
    how = How(
        change_audience=change_audience,
        directory=directory,
        keep_days=keep_days,
        complete=complete,
        many=yes,
        dry_run=dry_run,
    )
    reader = NativeReader(path, source=of, skip=skip)
    _run(reader, home, how, index=not no_index, as_json=as_json)


@ingest_app.command("csv")
def ingest_csv(
    path: Annotated[Path, typer.Argument(help="The CSV file.")],
    mapping: Annotated[
        Path,
        typer.Option("--mapping", help="TOML file that says which column is which field, or the name of a ready one."),
    ],
    source: SourceOption = None,
    skip: SkipOption = 0,
    audience: AudienceOption = None,
    change_audience: ChangeOption = False,
    directory: DirectoryOption = None,
    proves: ProvesOption = None,
    keep_days: KeepDaysOption = None,
    complete: CompleteOption = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    no_index: NoIndexOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a CSV file with a mapping."""
    from expertfinder.ingest import How
    from expertfinder.sources import CsvReader
    from expertfinder.sources.mapping import read_mapping

    of = _source(source or _name(path), _Said(home, audience, proves))
    how = How(
        change_audience=change_audience,
        directory=directory,
        keep_days=keep_days,
        complete=complete,
        many=yes,
        dry_run=dry_run,
    )
    reader = CsvReader(path, source=of, mapping=read_mapping(mapping), skip=skip)
    _run(reader, home, how, index=not no_index, as_json=as_json)


@ingest_app.command("git")
def ingest_git(
    path: Annotated[Path, typer.Argument(help="The repository.")],
    source: SourceOption = None,
    audience: AudienceOption = None,
    since: Annotated[str, typer.Option("--since", help="Only commits after this date.")] = "",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many commits, the newest.")] = None,
    branch: Annotated[str, typer.Option("--branch", help="Whose history; without it, what is checked out.")] = "",
    change_audience: ChangeOption = False,
    directory: DirectoryOption = None,
    proves: ProvesOption = None,
    keep_days: KeepDaysOption = None,
    complete: CompleteOption = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    no_index: NoIndexOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a git repository: who knows what in it? Open to the organisation unless --audience says else."""
    if complete and (since or limit is not None):
        raise InvalidQuestion("a part of the history is not complete: leave --complete out, or --since and --limit")
    from expertfinder.ingest import How
    from expertfinder.sources import GitReader

    of = _source(source or _name(path), _Said(home, audience, proves), otherwise="organisation")
    how = How(
        change_audience=change_audience,
        directory=directory,
        keep_days=keep_days,
        complete=complete,
        many=yes,
        dry_run=dry_run,
    )
    reader = GitReader(path, source=of, since=since, limit=limit, branch=branch)
    _run(reader, home, how, index=not no_index, as_json=as_json)


@ingest_app.command("from")
def ingest_from(
    name: Annotated[str, typer.Argument(help="A source that another package brings; `formats` lists them.")],
    path: Annotated[Path, typer.Argument(help="The file or the folder.")],
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help="An option of it; again for more."),
    ] = None,
    source: SourceOption = None,
    audience: AudienceOption = None,
    change_audience: ChangeOption = False,
    directory: DirectoryOption = None,
    proves: ProvesOption = None,
    keep_days: KeepDaysOption = None,
    complete: CompleteOption = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    no_index: NoIndexOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import from a source that another package brings (entry point `expertfinder.sources`)."""
    from expertfinder.ingest import How
    from expertfinder.sources.formats import format_named, opened

    given = dict(word.partition("=")[::2] for word in option or ())
    found = format_named(name)
    of = _source(source or _name(path), _Said(home, audience, proves or ",".join(found.proves)))
    how = How(
        change_audience=change_audience,
        directory=directory,
        keep_days=keep_days,
        complete=complete,
        many=yes,
        dry_run=dry_run,
    )
    _run(opened(found, path, of, given), home, how, index=not no_index, as_json=as_json)


@ingest_app.command("formats")
def ingest_formats(as_json: JsonOption = False) -> None:
    """The sources that other packages bring, and what each says of itself."""
    from expertfinder.sources.formats import GROUP, formats

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
            out.print(f"  --option {word}=...  {does}", markup=False)
    if not found:
        out.print(f"no package brings a source (entry point {GROUP}); native, csv and git are always there")


@app.command("index")
def index(
    home: HomeOption = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day that ages are counted to (default: today)."),
    ] = None,
) -> None:
    """Build the index anew from the record, with the encoder that is set."""
    from expertfinder.index.encoders.encoder import encoder
    from expertfinder.index.published import encoder_of
    from expertfinder.ingest.retention import expire

    place = existing(home)
    began = time.monotonic()
    store = place.open_store()
    before, now = encoder_of(place.index), encoder(settings().encoder)
    try:
        old = expire(store, as_of.replace(tzinfo=UTC) if as_of else datetime.now(UTC))
        found = told_of(build_index(place, store, as_of=as_of.date() if as_of else None))
        people, posts = store.count("person"), store.count("post")
    finally:
        store.close()
    out.print(f"{people:,} people and {posts:,} posts indexed in {time.monotonic() - began:.1f} s")
    if old:
        told = ", ".join(f"{number:,} of kind {kind}" for kind, number in old.items())
        out.print(f"older than their source keeps them, withdrawn: {told}")
    out.print(_communities(found))
    if before not in (None, now.name):
        out.print(f"embedded anew with {now.name} ({now.dimension} dimensions); it was {before} before", markup=False)


@app.command("demo")
def demo(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Write an organisation whose truth is planted, import and index it."""
    from expertfinder.demo import AS_OF, write_demo
    from expertfinder.ingest import ingest
    from expertfinder.sources import NativeReader, declared

    place = home_of(home)
    folder = place.folder / "demo"
    summary = write_demo(folder)
    store = place.open_store()
    try:
        with bar() as advance:
            reader = NativeReader(folder, source=declared("demo", audience="organisation"))
            ingest(store, reader, progress=lambda done, total: advance("reading", done, total))
        build_index(place, store, as_of=AS_OF)
    finally:
        store.close()
    if as_json:
        emit(summary)
        return
    out.print(
        f"{summary.people} people, {summary.posts:,} posts of {len(summary.kinds)} kinds "
        f"and {summary.interactions:,} acts are in {place.folder}"
    )
    out.print("three things to try:")
    for number, line in enumerate(summary.tries, 1):
        out.print(f"  {number}. {line}", markup=False)
    out.print(f"its truth can be measured: expertfinder evaluate {folder}", markup=False)
