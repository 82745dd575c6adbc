"""Who is signed in: sessions in memory, each found by a random name in a signed cookie.

A session says which subject of the provider signed in, never who that is or what they may read: the record of facts
says so at each request (`ask/subjects.py`). A restart ends all sessions; the provider's own session makes signing in
again one redirect.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock

SESSIONS_KEPT = 20_000
"""Sessions of one service, at most. The one that was used longest ago ends first; its person signs in again."""
IDLE_SECONDS = 3600.0
"""A session that nobody used for an hour ends (OWASP names 15 to 30 minutes for what is dangerous; this only reads)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the provider says of who signed in."""

    subject: str
    """The claim by which records know the person, `sub` unless another is set."""
    email: str = ""
    """Empty unless the provider calls it verified."""
    groups: frozenset[str] = frozenset()
    """Groups from the provider's claims, as ids with the prefix `SignIn.source`."""
    provider_subject: str = ""
    """The claim `sub`, by which the provider ends sessions."""
    provider_session: str = ""
    """The claim `sid`, by which the provider ends one session."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Account keys, the surest first."""
        return (f"idp:{self.subject}", *((f"email:{self.email}",) if self.email else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser in which somebody is signed in."""

    name: str
    """Random; in the cookie."""
    identity: Identity
    ends: float
    """When the session ends, in seconds on the clock of `Sessions`, as all moments here."""
    used: float
    checked: float
    """When the provider last said that the account is open."""
    asked: float
    """When the provider was last asked, whether or not it answered."""
    id_token: str = ""
    """Shown to the provider when it is asked to end its session, too."""
    refresh_token: str = ""


class Sessions:
    """The sessions of one service. Safe to share between threads.

    `clock`: seconds that only grow; `seconds`: how long a session lasts at most.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, seconds: float = 8 * 3600.0) -> None:
        self._clock = clock
        self._seconds = seconds
        self._key = secrets.token_bytes(32)
        self._kept: OrderedDict[str, Session] = OrderedDict()
        self._asking: dict[str, float] = {}
        self._lock = Lock()

    def open(self, identity: Identity, *, id_token: str = "", refresh_token: str = "") -> Session:
        """Sign somebody in."""
        now = self._clock()
        session = Session(
            name=secrets.token_urlsafe(32),
            identity=identity,
            ends=now + self._seconds,
            used=now,
            checked=now,
            asked=now,
            id_token=id_token,
            refresh_token=refresh_token,
        )
        with self._lock:
            self._kept[session.name] = session
            while len(self._kept) > SESSIONS_KEPT:
                self._kept.popitem(last=False)
        return session

    def of(self, cookie: str) -> Session | None:
        """The session that a cookie names, if it is signed by us and has not ended."""
        name = self.unsigned(cookie)
        if name is None:
            return None
        now = self._clock()
        with self._lock:
            session = self._kept.pop(name, None)
            if session is None or now >= session.ends or now - session.used >= IDLE_SECONDS:
                return None
            session = replace(session, used=now)
            self._kept[name] = session
            return session

    def may_ask(self, session: Session, *, seconds: float) -> bool:
        """Whether the provider may be asked about a session now. One request asks at a time, for `seconds` at most."""
        now = self._clock()
        with self._lock:
            if now < self._asking.get(session.name, now):
                return False
            self._asking = {name: until for name, until in self._asking.items() if until > now}
            self._asking[session.name] = now + seconds
            return True

    def asked_in_vain(self, session: Session) -> None:
        """Let the next request ask the provider, which did not answer this one."""
        with self._lock:
            self._asking.pop(session.name, None)

    def checked(self, session: Session, identity: Identity, *, refresh_token: str) -> Session:
        """Keep what the provider says now. A session that ended meanwhile stays ended."""
        now = self._clock()
        return self._changed(replace(session, identity=identity, checked=now, asked=now, refresh_token=refresh_token))

    def unanswered(self, session: Session) -> Session:
        """Keep that the provider was asked and did not answer."""
        return self._changed(replace(session, asked=self._clock()))

    def _changed(self, session: Session) -> Session:
        with self._lock:
            self._asking.pop(session.name, None)
            if session.name in self._kept:
                self._kept[session.name] = session
        return session

    def since(self, moment: float) -> float:
        """Seconds since a moment of a session."""
        return self._clock() - moment

    def count(self) -> int:
        """How many sessions are kept."""
        with self._lock:
            return len(self._kept)

    def end(self, session: Session) -> None:
        """Sign out; the cookie is worth nothing from here on."""
        with self._lock:
            self._kept.pop(session.name, None)

    def end_of(self, *, subject: str = "", provider_session: str = "") -> int:
        """End the sessions that belong to a session of the provider, or where none is given to a subject.

        Returns how many were ended.
        """
        with self._lock:
            ended = [
                name
                for name, one in self._kept.items()
                if (provider_session and one.identity.provider_session == provider_session)
                or (subject and not provider_session and one.identity.provider_subject == subject)
            ]
            for name in ended:
                del self._kept[name]
        return len(ended)

    def secret(self, session: Session) -> bytes:
        """32 bytes that only this session has: what the tokens of its forms are made of."""
        return hmac.digest(self._key, f"form|{session.name}".encode(), "sha256")

    def derived(self, purpose: str, state: str) -> str:
        """A text that only we can derive from a state. `purpose`: `nonce` or `verifier` of a sign-in."""
        return _text(hmac.digest(self._key, f"{purpose}|{state}".encode(), "sha256"))

    def signed(self, text: str) -> str:
        """A text with its signature, for a cookie. `unsigned` gives the text back; nobody can change it unnoticed."""
        return f"{_text(text.encode())}.{_text(hmac.digest(self._key, text.encode(), sha256))}"

    def unsigned(self, cookie: str) -> str | None:
        """The text that was signed; `None` for anything that was not signed here."""
        body, _, mark = cookie.partition(".")
        try:
            text = base64.urlsafe_b64decode(body.encode("ascii") + b"=" * (-len(body) % 4)).decode()
        except ValueError:
            return None
        right = self.signed(text)
        return text if hmac.compare_digest(right.encode(), f"{body}.{mark}".encode()) else None


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
