"""`ingest NAME PATH` for every source that is found by its name, with the options that the source has."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from expertfinder.cli.ingest.options import Importing, SkipOption
from expertfinder.cli.ingest.running import Said, name_of, run, source_of
from expertfinder.cli.options import grouped

if TYPE_CHECKING:
    from expertfinder.sources.formats import Format


def read_named(name: str, path: Path, options: dict[str, str], skip: int, importing: Importing) -> None:
    """Import from a source by its name. `options`: those of the source, as they were typed."""
    from expertfinder.sources.formats import format_named, opened

    found = format_named(name)
    proves = importing.proves or ",".join(found.proves) or None
    of = source_of(importing.source or name_of(path), Said(importing.home, importing.audience, proves))
    reader = opened(found, path, of, options, skip=skip)
    run(reader, importing.home, importing.how, index=not importing.no_index, as_json=importing.as_json)


def _command(found: Format) -> Callable[..., None]:
    """The command of a source: what every import takes, and an option for each of its own."""

    def command(
        *,
        path: Annotated[Path, typer.Argument(help="The export: a folder, an archive (.zip, .tar.gz) or a file.")],
        skip: SkipOption = 0,
        importing: Importing,
    ) -> None:
        read_named(found.name, path, own, skip, importing)

    own: dict[str, str] = {}
    command.__annotations__ = {
        "path": Annotated[Path, typer.Argument(help="The export: a folder, an archive (.zip, .tar.gz) or a file.")],
        "skip": SkipOption,
        "importing": Importing,
    }
    whole = grouped(command)

    def with_options(**given: Any) -> None:
        for word in found.options:
            value = given.pop(_parameter(word))
            if value:
                own[word] = "" if word in found.flags else value
        whole(**given)

    shared = inspect.signature(whole).parameters
    options = {_parameter(word): _option(word, does, found) for word, does in found.options.items()}
    parameters = [*shared.values(), *(option for name, option in options.items() if name not in shared)]
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {each.name: each.annotation for each in parameters}
    with_options.__doc__ = f"{found.summary}."
    return with_options


def _parameter(word: str) -> str:
    return f"of_source_{word.replace('-', '_')}"


def _option(word: str, does: str, found: Format) -> inspect.Parameter:
    flag = word in found.flags
    told = typer.Option(f"--{word}", help=does)
    annotation: Any = Annotated[bool, told] if flag else Annotated[str, told]
    default = False if flag else ""
    return inspect.Parameter(_parameter(word), inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


class NamedSources(TyperGroup):
    """The commands of `ingest`, and one for each source that is found by its name."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Our own commands, then the sources."""
        from expertfinder.sources.formats import format_names

        return [*super().list_commands(ctx), *format_names()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command of our own, or that of a source. Raises `typer.BadParameter` with the names for an unknown one."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            return command
        from expertfinder.sources.formats import format_named, format_names
        from expertfinder.sources.mapping import meant

        if cmd_name not in format_names():
            there = [name for name in self.list_commands(ctx) if not getattr(self.commands.get(name), "hidden", False)]
            sources = [name for name in there if name != "formats"]
            raise typer.BadParameter(
                f"there is no source {cmd_name!r}{meant(cmd_name, sources)}; there are {', '.join(sources)}"
            )
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(cmd_name)(_command(format_named(cmd_name)))
        return typer.main.get_command(alone)
