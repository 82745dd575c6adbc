"""`serve`, `key`, `doctor`: the service, its keys, and a check of settings, record and index."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from expertfinder.ask.keys import OF_A_SOURCE, SCOPES, issue_key, revoke_key, scopes_of
from expertfinder.cli.app import app, emit, err, home_of, opened, out
from expertfinder.cli.assistants import over_http
from expertfinder.cli.ingest.report import joins_in_words
from expertfinder.cli.keeping.identity import unknown_authors
from expertfinder.cli.options import HomeOption, JsonOption
from expertfinder.configuration.settings import settings
from expertfinder.errors import ExpertFinderError, InvalidQuestion
from expertfinder.store import who_is_who

if TYPE_CHECKING:
    from expertfinder.configuration.settings import Settings
    from expertfinder.http import Options

key_app = typer.Typer(no_args_is_help=True, help="API keys: make, list, revoke.")
app.add_typer(key_app, name="key")


@app.command("serve")
def serve(
    home: HomeOption = None,
    host: Annotated[str | None, typer.Option(help="Address to bind.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to bind; 0 takes a free one.")] = None,
    insecure_demo: Annotated[
        bool,
        typer.Option("--insecure-demo", help="No keys, and a choice of whose eyes to look through. On 127.0.0.1 only."),
    ] = False,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that answer, on one home; one of them folds.")
    ] = 1,
) -> None:
    """Serve the questions over HTTP."""
    from expertfinder.http import (
        Beside,
        check_host,
        create_app,
        listening,
        log_to_stderr,
        run_workers,
        server,
    )  # the web framework is loaded for this command only

    where = settings()
    log_to_stderr(where.log)
    options = _options(where, demo=insecure_demo)
    address, number = host or where.host, where.port if port is None else port
    place = home_of(home)
    if workers > 1 and (place.record is None or place.engine != "embedded"):
        raise InvalidQuestion("several workers share files, and this home is in a server: start a service without them")
    check_host(address, demo=insecure_demo)
    beside = Beside(options.sign_in.session_seconds if options.sign_in else None) if workers > 1 else None
    with opened(home, make=True) as finder:
        if not finder.ready:
            err.print("nothing is indexed yet: questions are answered with 503 until `expertfinder ingest` has run")
        if beside is None:
            server(create_app(finder, finder.store, options), host=address, port=number).run()
            return
        memory, socket = beside, listening(address, number)

        def work(worker: int) -> None:
            fold_posts = options.fold_posts if worker == 0 else None  # only the first worker folds
            own = replace(options, memory=memory.joined(), fold_posts=fold_posts)
            server(create_app(finder, finder.store, own), host=address, port=number).run(sockets=[socket])

        code = run_workers(workers, work, alive=memory.alive)
        memory.close()
    raise typer.Exit(code)


def _options(where: Settings, *, demo: bool) -> Options:
    """How the service behaves, by its settings."""
    from expertfinder.ask.organisation.talent import purposes_in
    from expertfinder.http import Options, sign_in_of, signing_of

    return Options(
        assistants=over_http() if where.assistants else None,
        insecure_demo=demo,
        refresh_seconds=where.refresh_seconds,
        fold_posts=where.fold_posts,
        max_body_bytes=where.max_body_bytes,
        cors_origins=tuple(where.cors_origins.split()),
        count_demand=where.count_demand,
        sign_in=None if demo else sign_in_of(where),
        signing=signing_of(where),
        scim_source=where.scim_source,
        asks_a_month=where.asks_a_month,
        people_a_day=where.people_a_day or None,
        talent_purposes=purposes_in(where.talent_purposes),
        language=where.language,
        chat_link=where.chat_link,
        public_url=where.public_url.rstrip("/"),
        webhook_hosts=tuple(where.webhook_hosts.split()),
        requests_a_minute=where.requests_a_minute or None,
    )


@key_app.command("create")
def key_create(
    scope: Annotated[list[str] | None, typer.Option("--scope", help=f"What for: {', '.join(SCOPES)}.")] = None,
    person: Annotated[
        str | None, typer.Option("--person", help="Whose eyes it has; without it the shared tier.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Source that it may write, with the scope ingest:write.")
    ] = None,
    days: Annotated[int, typer.Option("--days", help="How long it lives.")] = 90,
    note: Annotated[str, typer.Option("--note", help="What it is used for.")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key; its secret is shown this once."""
    with opened(home, make=True) as finder:
        if person is not None:
            person = finder.viewer(person).person
        scopes = scopes_of(scope or ["experts:read", "people:read"], source or ())
        key, text = issue_key(finder.store, scopes=scopes, person=person, days=days, note=note)
        if as_json:
            emit({"id": key.id, "key": text, "scopes": key.scopes, "person": key.person, "expires_at": key.expires_at})
            return
        out.print(text, markup=False)
        err.print(f"for {', '.join(key.scopes)} until {key.expires_at:%Y-%m-%d}; it is not shown again", markup=False)


@key_app.command("list")
def key_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The keys there are, without their secrets."""
    with opened(home, make=True) as finder:
        keys = finder.store.keys()
        if as_json:
            emit(
                [
                    {
                        name: getattr(key, name)
                        for name in ("id", "scopes", "person", "created_at", "expires_at", "revoked", "note")
                    }
                    for key in keys
                ]
            )
            return
        for key in keys:
            state = "revoked" if key.revoked else f"until {key.expires_at:%Y-%m-%d}"
            out.print(
                f"{key.id}  {state}  {', '.join(key.scopes)}  {key.person or 'shared tier'}  {key.note}", markup=False
            )


@key_app.command("revoke")
def key_revoke(key_id: Annotated[str, typer.Argument(help="Id of the key.")], home: HomeOption = None) -> None:
    """Make a key invalid from the next request on."""
    with opened(home, make=True) as finder:
        revoke_key(finder.store, key_id)
        out.print(f"{key_id} is revoked")


@key_app.command("badges")
def key_badges(file: Annotated[Path, typer.Argument(help="File of EXPERTFINDER_BADGE_KEYS.")]) -> None:
    """Make the key that signs statements of help, or a new one: the public part of the one before stays to check by."""
    from expertfinder.http import new_key

    kept = new_key(file)
    out.print(f"{file} signs with a new key; {kept} of before can still be checked", markup=False)


@app.command("doctor")
def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Is everything in order? Settings, record, index, and what a person should look at."""
    from expertfinder.ask.finder import ExpertFinder
    from expertfinder.identity import ambiguous_names

    where = settings()
    place = home_of(home)
    report: dict[str, object] = {
        "python": sys.version.split()[0],
        "settings": where.shown(),
        "home": str(place.folder),
    }
    problems: list[str] = []
    try:
        if not place.has_record:
            raise InvalidQuestion("there is no record yet: run `expertfinder demo` or `expertfinder ingest`")
        finder = ExpertFinder.open(place, encoder_name=where.encoder)
        store = finder.store
        report["record"] = {
            kind: store.count(kind) for kind in ("person", "post", "interaction", "community", "source")
        }
        report["sequence"] = store.sequence()
        if finder.ready:
            manifest = finder.snapshot.manifest
            report["index"] = {"name": manifest.name, "encoder": manifest.encoder, "sequence": manifest.sequence}
            if manifest.sequence < store.sequence():
                problems.append(
                    f"{store.sequence() - manifest.sequence:,} changes wait for the next `expertfinder index`"
                )
            people = finder.snapshot.people
            unseen = sum(person.audience.scope == "nobody" for person in people)
            if unseen:
                problems.append(f"{unseen:,} people may be found by nobody: their audience is not understood")
            evidenced = len(set(finder.whole.snapshot.shared.segment.act_person.tolist()))
            report["people_with_shared_evidence"] = evidenced
        else:
            problems.append("nothing is indexed: run `expertfinder index`")
        records, who = who_is_who(store)
        report["sources"] = [
            {"id": one.id, "audience": one.audience.scope, "directory": one.directory, "proves": one.proves}
            for one in store.all("source")
        ]
        report["joins"] = who.joins
        problems += joins_in_words(who.joins)
        unknown = unknown_authors(store, who)
        if unknown:
            problems.append(
                f"{len(unknown):,} authors are in nobody's record, such as {min(unknown)}: `expertfinder identity list`"
            )
        keys = store.keys()
        useless = sum(OF_A_SOURCE in one.scopes and not one.revoked for one in keys)
        if useless:
            problems.append(f"{useless:,} keys name no source that they may write: make new ones with --source")
        names = ambiguous_names(records, who.identity)
        if names:
            problems.append(
                f"{len(names):,} names belong to several people without a common key, for example {sorted(names)[0]!r}"
            )
        finder.close()
    except ExpertFinderError as error:
        problems.append(str(error))
    report["problems"] = problems
    if as_json:
        emit(report)
    else:
        for name, value in report.items():
            if name != "problems":
                out.print(f"{name}: {value}", markup=False)
        for problem in problems:
            out.print(f"look at: {problem}", markup=False)
        if not problems:
            out.print("everything is in order")
    if problems:
        raise typer.Exit(1)
