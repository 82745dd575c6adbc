"""The sign-in as the settings say it, checked as a whole before the service starts."""

from __future__ import annotations

from pathlib import Path

from expertfinder.ask.keys import SCOPES
from expertfinder.configuration.settings import PREFIX, InvalidSetting, Settings
from expertfinder.http.signin.provider import SignIn


def sign_in_of(where: Settings) -> SignIn | None:
    """What is configured; `None` where no provider is. Raises `InvalidSetting` for a sign-in that cannot work."""
    if not where.signin_issuer:
        if where.signin_client:
            raise _missing("SIGNIN_ISSUER", "SIGNIN_CLIENT is set, and says nothing without the issuer")
        return None
    if not where.public_url:
        raise _missing("PUBLIC_URL", "the provider sends people back to it, and tokens are for it")
    if where.signin_assertions and not Path(where.signin_assertions).is_file():
        raise InvalidSetting(
            f"{PREFIX}SIGNIN_ASSERTIONS names {where.signin_assertions}, which is no file",
            setting=f"{PREFIX}SIGNIN_ASSERTIONS",
        )
    return SignIn(
        issuer=where.signin_issuer,
        public_url=where.public_url.rstrip("/"),
        client=where.signin_client,
        secret=where.signin_secret,
        audience=where.signin_audience,
        subject=where.signin_subject,
        groups=where.signin_groups,
        source=where.signin_source,
        by_email=where.signin_email,
        roles=_roles(where.signin_roles),
        actors=frozenset(where.signin_actors.split()),
        assertion_keys=where.signin_assertions,
        session_seconds=where.signin_hours * 3600,
        recheck_seconds=where.signin_recheck_seconds,
        extra_scopes=where.signin_scopes,
    )


def _roles(text: str) -> dict[str, tuple[str, ...]]:
    """`group=scope,scope group=scope` as a table. Raises `InvalidSetting`."""
    roles: dict[str, tuple[str, ...]] = {}
    for entry in text.split():
        group, mark, named = entry.rpartition("=")
        scopes = tuple(scope for scope in named.split(",") if scope)
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if not group or not mark or not scopes or unknown:
            raise InvalidSetting(
                f"{PREFIX}SIGNIN_ROLES has {entry!r}: it should be GROUP=SCOPE, with scopes of {', '.join(SCOPES)}",
                setting=f"{PREFIX}SIGNIN_ROLES",
            )
        roles[group] = scopes
    return roles


def _missing(name: str, why: str) -> InvalidSetting:
    return InvalidSetting(f"{PREFIX}{name} is not set: {why} (docs/signin.md)", setting=f"{PREFIX}{name}")
