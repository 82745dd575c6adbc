"""The options that all imports share."""

from __future__ import annotations

from typing import Annotated

import typer

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
