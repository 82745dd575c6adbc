"""`mcp`: tools for assistants over stdio. `serve` puts the same tools into the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

from expertfinder.cli.app import app, err, opened
from expertfinder.cli.find import eyes
from expertfinder.cli.options import Asking, grouped
from expertfinder.errors import InvalidQuestion
from expertfinder.model import Viewer
from expertfinder.store import AuditEntry


@dataclass(frozen=True, slots=True)
class Owner:
    """The person who started the process, and who may ask everything, as at the prompt."""

    viewer: Viewer

    def may(self, scope: str) -> bool:
        """Always: the prompt needs no scope."""
        return True


@app.command("mcp")
@grouped
def mcp(*, asking: Asking) -> None:
    """Tools for an assistant on this machine, over stdio (Model Context Protocol), through one person's eyes."""
    _installed()
    from expertfinder.ask.network import Networking
    from expertfinder.http.mcp import Offer, server

    with opened(asking.home) as finder:
        viewer = eyes(finder, asking, event="mcp")
        owner = Owner(viewer)

        def assessed(_: object, person: str) -> None:
            finder.note(
                AuditEntry(at=datetime.now(UTC), actor=viewer.person or "prompt", event="assess", subject=person)
            )

        offer = Offer(
            finder=finder, network=Networking(finder), asker=lambda _: owner, assessed=assessed, before=finder.refresh
        )
        err.print(f"answering on stdio for {viewer.person or 'the shared tier'}", markup=False)
        server(offer).run("stdio")


def over_http() -> Callable[[Any], Any]:
    """A function that makes the MCP app inside the service. Raises `InvalidQuestion` where the extra is missing."""
    _installed()
    from expertfinder.http import assistants
    from expertfinder.http.mcp import Offer, http_app, server

    def made(here: Any) -> Any:
        def looked_up(who: Any) -> None:
            assistants.looked_up(here, who)

        def assessed(who: Any, person: str) -> None:
            assistants.assessed(here, who, person)

        offer = Offer(
            finder=here.finder,
            network=here.network,
            asker=assistants.asker,
            asked=here.note,
            looked_up=looked_up,
            assessed=assessed,
        )
        return http_app(server(offer), path=assistants.ASSISTANTS_PATH)

    return made


def _installed() -> None:
    if find_spec("mcp") is None:
        raise InvalidQuestion("the door for assistants needs an extra: pip install 'expertfinder[mcp]'")
