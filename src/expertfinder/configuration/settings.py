"""Every setting once, typed and documented. Read from the environment with the prefix `EXPERTFINDER_`.

An unknown variable with our prefix is an error: a misspelt setting that silently does nothing is worse than a refusal.
Plain dataclasses: every command reads the settings, and pydantic alone would be half of the time that `--help` takes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from expertfinder.configuration.languages import LANGUAGES
from expertfinder.errors import ExpertFinderError

PREFIX = "EXPERTFINDER_"
TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
"""Words, in small letters, that a setting reads as yes and as no; they are those of most tools."""


class InvalidSetting(ExpertFinderError):
    """A variable with our prefix that is no setting, or has a value that cannot be read."""

    type = "invalid-setting"
    title = "A setting cannot be read"


def default_home() -> Path:
    """Where everything lives where none is set: a folder under the user's data directory (XDG base directories)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "expertfinder"


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Reads a whole number in these bounds."""
    bounds = f"of at least {least}" if most is None else f"from {least} to {most}"

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least or (most is not None and number > most):
            raise ValueError(f"it should be a whole number {bounds}")
        return number

    return read


def _above_zero(text: str) -> float:
    """Reads a finite number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ValueError("it should be a number above 0")
    return number


def _yes_or_no(text: str) -> bool:
    word = text.strip().lower()
    if word not in TRUE | FALSE:
        raise ValueError("it should be true or false")
    return word in TRUE


def _address(text: str) -> str:
    """A web address: https, or http of this machine; empty is none. A slash at the end stays as it is."""
    parts = urlsplit(text)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost"))
    if text and not (safe and parts.hostname and not parts.query and not parts.fragment):
        raise ValueError("it should be an https address, or an http one of 127.0.0.1 or localhost")
    return text


def _template(text: str) -> str:
    """An https address with `{address}` in it, and `{text}` at most beside it; empty is none."""
    if text and not (text.startswith("https://") and "{address}" in text.partition("://")[2].partition("/")[2]):
        raise ValueError("it should be an https address with {address} behind the host")
    if re.search(r"[{}\s]", text.replace("{address}", "").replace("{text}", "")):
        raise ValueError("it should be an address without blanks, and without braces but {address} and {text}")
    return text


def _log(text: str) -> str:
    if text not in ("warnings", "text", "json"):
        raise ValueError("it should be warnings, text or json")
    return text


def _source(text: str) -> str:
    """The id of a source, or nothing."""
    if text and not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", text):
        raise ValueError("it should be the id of a source: small letters, digits, dots and dashes")
    return text


def _engine(text: str) -> str:
    if text not in ("embedded", "neo4j"):
        raise ValueError("it should be embedded or neo4j")
    return text


def _language(text: str) -> str:
    if text and text not in LANGUAGES:
        raise ValueError(f"it should be one of {', '.join(LANGUAGES)}")
    return text


def _origins(text: str) -> str:
    """Whole origins, separated by spaces: https, or http of this machine; no path and no pattern."""
    for one in text.split():
        if not re.fullmatch(r"https://[a-z0-9.-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", one):
            raise ValueError(
                "it should be whole origins in small letters, such as https://intranet.example or "
                "https://intranet.example:8443, separated by spaces, without a path (http for this machine only)"
            )
    return " ".join(text.split())


def _told(words: str, read: Callable[[str], object] = str) -> dict[str, Any]:
    """What belongs to a setting: what it does, and what reads its variable.

    `read` raises `ValueError` with words that a user understands.
    """
    return {"words": words, "read": read}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings. Each is a variable `EXPERTFINDER_<NAME>`; the prompt's flags come before them."""

    home: Path = field(
        default_factory=default_home, metadata=_told("Folder for the record, the index and the exports.", Path)
    )
    record: str = field(
        default="",
        metadata=_told(
            "Where the facts are: a file, or neo4j://host of a Neo4j server; empty: record.sqlite in the home."
        ),
    )
    engine: Literal["embedded", "neo4j"] = field(
        default="embedded",
        metadata=_told(
            "What holds the index: files in the home (embedded), or the Neo4j server that has the facts.", _engine
        ),
    )
    neo4j_user: str = field(default="neo4j", metadata=_told("User of the Neo4j server, where its address names none."))
    neo4j_password: str = field(
        default="", metadata=_told("Password of the Neo4j server, where its address has none; never shown.")
    )
    encoder: str = field(
        default="static-multilingual",
        metadata=_told(
            "Text encoder of the index: static-minilm, static-multilingual, onnx:FOLDER or "
            "sentence-transformers:FOLDER-OR-NAME; another one needs `expertfinder index`."
        ),
    )
    encoder_threads: int = field(
        default=1, metadata=_told("Processor threads of an encoder that can use several.", _whole(1))
    )
    models: str = field(
        default="",
        metadata=_told("Folders with encoders, separated by the path separator; where names are looked for."),
    )
    machines: str = field(
        default="",
        metadata=_told(
            "A file that adds to graph/machines.toml: accounts that are machines, shared, or people after all."
        ),
    )
    host: str = field(default="127.0.0.1", metadata=_told("Address the service binds."))
    port: int = field(default=8000, metadata=_told("Port the service binds; 0 takes a free one.", _whole(0, 65535)))
    refresh_seconds: float = field(
        default=0.2, metadata=_told("How often the service looks for new facts.", _above_zero)
    )
    keep_snapshots: int = field(default=2, metadata=_told("How many published snapshots are kept on disk.", _whole(1)))
    fold_posts: int = field(
        default=1000,
        metadata=_told("New facts that may wait in the fresh tier before the service folds them in.", _whole(1)),
    )
    max_body_bytes: int = field(default=10_000_000, metadata=_told("Largest request body, in bytes.", _whole(1)))
    cors_origins: str = field(
        default="",
        metadata=_told(
            "Origins whose pages may ask the API from a browser (the widget's hosts), separated by spaces.", _origins
        ),
    )
    assistants: bool = field(
        default=False,
        metadata=_told("Serve tools for assistants (MCP) at /mcp; needs the extra `mcp`.", _yes_or_no),
    )
    count_demand: bool = field(
        default=True,
        metadata=_told("Count how many different people ask about a topic in a week; shown from five on.", _yes_or_no),
    )
    talent_purposes: str = field(
        default="",
        metadata=_told("Purposes that talent questions may serve, separated by semicolons; empty: none may be asked."),
    )
    requests_a_minute: int = field(
        default=600,
        metadata=_told(
            "Requests that one caller may send in a minute, half of them at once; 0: any number.", _whole(0)
        ),
    )
    asks_a_month: int = field(
        default=0,
        metadata=_told(
            "Asks in thirty days after which the next stands first who is about as good; 0: load moves nobody.",
            _whole(0),
        ),
    )
    people_a_day: int = field(
        default=200,
        metadata=_told(
            "Different people whom one caller may be shown in a day, and five times as many suggested; 0: any number.",
            _whole(0),
        ),
    )
    log: str = field(
        default="warnings",
        metadata=_told("What goes to stderr: warnings, or each request, too, as text or json; never a question.", _log),
    )
    public_url: str = field(
        default="",
        metadata=_told(
            "Where people reach the service, such as https://experts.example; needed for sign-in.", _address
        ),
    )
    chat_link: str = field(
        default="",
        metadata=_told(
            "How a chat is opened with whom somebody asks, such as "
            "https://teams.microsoft.com/l/chat/0/0?users={address}&message={text}; empty: by mail alone.",
            _template,
        ),
    )
    mail_from: str = field(
        default="", metadata=_told("Sender of weekly mails to those who follow something; empty: none are sent.")
    )
    mail_server: str = field(
        default="", metadata=_told("Mail server that takes them from us, HOST or HOST:PORT; empty: none are sent.")
    )
    language: str = field(
        default="",
        metadata=_told(
            "Language of pages and mails for who chose none: en, de or fr; empty: what the browser, or the person's "
            "record, prefers.",
            _language,
        ),
    )
    webhook_hosts: str = field(
        default="", metadata=_told("Hosts of programs that may be told by webhook, separated by spaces; empty: none.")
    )
    signin_issuer: str = field(
        default="",
        metadata=_told("Issuer of the OpenID Connect provider, as it writes it; empty: keys of ours alone.", _address),
    )
    signin_client: str = field(
        default="", metadata=_told("Our client id with the provider; empty: it signs tokens, and nobody signs in.")
    )
    signin_secret: str = field(default="", metadata=_told("Secret of that client; never shown."))
    signin_audience: str = field(
        default="", metadata=_told("What access tokens for the API must be for (`aud`); empty: the public address.")
    )
    signin_subject: str = field(
        default="sub", metadata=_told("The claim by which records know a person, as their key idp:VALUE.")
    )
    signin_email: bool = field(
        default=False,
        metadata=_told(
            "Whether an e-mail address that the provider has verified stands for a person, too.", _yes_or_no
        ),
    )
    signin_groups: str = field(
        default="", metadata=_told("The claim with groups; empty: the record alone says who is in which group.")
    )
    signin_source: str = field(
        default="signin", metadata=_told("The source that groups of claims are of: SOURCE:group in an audience.")
    )
    signin_roles: str = field(
        default="",
        metadata=_told("Scopes of the members of groups in the pages: hr:operators=admin hr:council=people:read."),
    )
    signin_actors: str = field(
        default="", metadata=_told("Clients of the provider, separated by spaces, that may act for people.")
    )
    signin_assertions: str = field(
        default="", metadata=_told("A file with public keys (JWKS) of intranets that sign assertions for people.")
    )
    signin_scopes: str = field(
        default="", metadata=_told("Scopes asked of the provider besides openid email profile: offline_access ...")
    )
    scim_source: str = field(
        default="",
        metadata=_told("The source that the identity provider keeps up to date by SCIM; empty: no SCIM.", _source),
    )
    badge_keys: str = field(
        default="",
        metadata=_told("A file with the keys (JWKS, Ed25519) that sign statements of help; empty: none is signed."),
    )
    signin_hours: float = field(default=8.0, metadata=_told("Hours after which somebody signs in again.", _above_zero))
    signin_recheck_seconds: int = field(
        default=300,
        metadata=_told("How often the provider is asked whether an account is open; 0: at each request.", _whole(0)),
    )
    sets: str = field(
        default="",
        metadata=_told("Folders with evaluation sets, separated by the path separator; used by evaluate."),
    )
    leave_nothing_out: bool = field(
        default=False, metadata=_told("In the test suite, a test that cannot run here is a failure.", _yes_or_no)
    )

    def __repr__(self) -> str:
        """Without a password: what is logged or printed by mistake gives none away."""
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.shown().items())})"

    def shown(self) -> dict[str, str | int | float | bool]:
        """Name -> value as it may be shown: the address of the record without its password, ours as stars."""
        values: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        scheme, mark, rest = self.record.partition("://")
        hidden = {
            "home": str(self.home),
            "record": f"{scheme}{mark}{rest.rpartition('@')[2]}",
            "neo4j_password": "**********" if self.neo4j_password else "",
            "signin_secret": "**********" if self.signin_secret else "",
        }
        return values | hidden


def settings() -> Settings:
    """The settings of this process. Raises `InvalidSetting` for an unknown or unreadable variable."""
    known = {f"{PREFIX}{each.name.upper()}": each for each in fields(Settings)}
    given: dict[str, Any] = {}
    for name, text in os.environ.items():
        if not name.startswith(PREFIX):
            continue
        if name not in known:
            raise InvalidSetting(f"{name} is not a setting; the settings are {', '.join(sorted(known))}", setting=name)
        try:
            given[known[name].name] = known[name].metadata["read"](text)
        except ValueError as error:
            raise InvalidSetting(f"{name} is {text!r}: {error}", setting=name) from error
    return Settings(**given)
