"""The options that all imports share, defined once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from expertfinder.cli.options import HomeOption, JsonOption

if TYPE_CHECKING:
    from expertfinder.ingest import How

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """What every import may be told, whatever it reads."""

    source: SourceOption = None
    audience: AudienceOption = None
    change_audience: ChangeOption = False
    directory: DirectoryOption = None
    proves: ProvesOption = None
    keep_days: KeepDaysOption = None
    complete: CompleteOption = False
    yes: YesOption = False
    dry_run: DryRunOption = False
    no_index: NoIndexOption = False
    home: HomeOption = None
    as_json: JsonOption = False

    @property
    def how(self) -> How:
        """How the record takes what is read."""
        from expertfinder.ingest import How

        return How(
            change_audience=self.change_audience,
            directory=self.directory,
            keep_days=self.keep_days,
            complete=self.complete,
            many=self.yes,
            dry_run=self.dry_run,
        )
