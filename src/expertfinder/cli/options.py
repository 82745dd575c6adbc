"""Options that several commands take, defined once: a command names the group, and gets it as one object.

@app.command("find")
@grouped
def find(question: QuestionArgument, only: Filters, asking: Asking) -> None:
"""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from expertfinder.model import Query

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder where everything lives (default: under the user's data directory)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable answer on stdout.")]
AsOption = Annotated[str | None, typer.Option("--as", help="Id of the person whose eyes to look through.")]
EverythingOption = Annotated[
    bool, typer.Option("--everything", help="Look at everything, whoever may read it. Is written to the audit log.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """Through whose eyes a command looks. Without either option it sees what the whole organisation may read."""

    as_person: AsOption = None
    everything: EverythingOption = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(Eyes):
    """How a question is asked: through whose eyes, of which home, and answered in which form."""

    home: HomeOption = None
    as_json: JsonOption = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a question about people adds to its text, and what it leaves out."""

    topic: Annotated[
        list[str] | None,
        typer.Option("--topic", help="A topic to add to the question; may be given several times. Leaves nobody out."),
    ] = None
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", help="Only evidence in posts with this tag; given several times, with one of them."),
    ] = None
    any: Annotated[bool, typer.Option("--any", help="Of several topics one is enough.")] = False
    place: Annotated[str, typer.Option(help="Only people there.")] = ""
    unit: Annotated[str, typer.Option(help="Only people of this unit.")] = ""
    language: Annotated[str, typer.Option(help="Only people who speak it.")] = ""
    availability: Annotated[str, typer.Option(help="Only people whose cards say so of it.")] = ""
    zone: Annotated[str, typer.Option(help="Only people of this time zone: a name, a part of one, an offset.")] = ""
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only evidence of this kind of post.")] = None
    since: Annotated[datetime | None, typer.Option(help="Only evidence since then.")] = None

    def typed(self) -> str:
        """These options as they are typed, with a blank before each; nothing where none was given."""
        several = {"topic": self.topic, "tag": self.tag, "kind": self.kind}
        once = {name: getattr(self, name) for name in ("place", "unit", "language", "availability", "zone")}
        given = [(name, value) for name, values in several.items() for value in values or ()]
        given += [(name, value) for name, value in once.items() if value]
        given += [("since", f"{self.since:%Y-%m-%dT%H:%M:%S}")] if self.since else []
        return (" --any" if self.any else "") + "".join(f" --{name} {shlex.quote(value)}" for name, value in given)

    def query(self, text: str, *, asker: str | None, limit: int = 10) -> Query:
        """The question that was typed. Who asks is never ranked."""
        return Query(
            text=text,
            topics=tuple(self.topic or ()),
            tags=tuple(self.tag or ()),
            place=self.place,
            unit=self.unit,
            language=self.language,
            availability=self.availability,
            zone=self.zone,
            kinds=tuple(self.kind or ()),
            since=self.since.replace(tzinfo=UTC) if self.since else None,
            any=self.any,
            asker=asker,
            limit=limit,
        )


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of every group among its parameters; a group is a dataclass whose fields are options.

    The command is called with the groups made of what was typed.
    """
    hints = get_type_hints(command, include_extras=True)
    hints.pop("return", None)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    options: dict[str, inspect.Parameter] = {}
    for parameter in inspect.signature(command).parameters.values():
        if parameter.name in groups:
            group = groups[parameter.name]
            annotated = get_type_hints(group, include_extras=True)
            for each in fields(group):
                options[each.name] = _option(each.name, each.default, annotated[each.name])
        else:
            options[parameter.name] = _option(parameter.name, parameter.default, hints[parameter.name])

    @wraps(command)
    def typed(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{each.name: given.pop(each.name) for each in fields(group)})
        command(**given)

    typed.__signature__ = inspect.Signature(list(options.values()))  # type: ignore[attr-defined]
    typed.__annotations__ = {name: option.annotation for name, option in options.items()}
    return typed


def _option(name: str, default: Any, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
