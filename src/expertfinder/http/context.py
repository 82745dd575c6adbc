"""What the app holds: the finder and the network over it, the store, and the threads in which the core works."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar

from fastapi import Request

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.oneself.questions import Questions
from expertfinder.ask.oneself.subscriptions import Subscriptions
from expertfinder.ask.organisation.champion_networks import ChampionNetworks
from expertfinder.ask.organisation.choices import Choosing
from expertfinder.ask.organisation.demand import Demand
from expertfinder.ask.organisation.insights import Insights
from expertfinder.ask.organisation.talent import Talent
from expertfinder.ask.provisioning import Provisioning
from expertfinder.ask.subjects import Subjects
from expertfinder.errors import StoreError
from expertfinder.http.badges import Signing
from expertfinder.http.middleware.allowance import Allowance
from expertfinder.http.middleware.seeing import Seeing
from expertfinder.http.running.watching import Watcher
from expertfinder.http.signin.provider import Provider
from expertfinder.http.signin.sessions import Sessions
from expertfinder.http.signin.tokens import Once
from expertfinder.model import Query, Viewer
from expertfinder.store.protocol import AuditEntry, Store

T = TypeVar("T")

THREADS = 4
"""Threads in which the core works. It releases the interpreter's lock only in numpy and SQLite, so that more threads
would only wait (measured on two cores)."""


ACTING_KEPT = 10_000
"""Lines "acted for" that a process remembers to have written. Beyond that it forgets all, and may write one again."""


def utc_now() -> datetime:
    """The time now, in UTC: the clock of a door for which no other is set."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Door:
    """What an app holds, once per app, on `app.state.door`.

    `now`: the clock by which keys expire, and which says for which week a question counts.
    """

    finder: ExpertFinder
    network: Networking
    store: Store
    insecure_demo: bool
    threads: ThreadPoolExecutor
    demand: Demand
    watcher: Watcher
    allowance: Allowance
    """How often one viewer may ask for suggestions."""
    choices: Choosing
    """What the filters of a question can be set to."""
    insights: Insights
    questions: Questions
    champion_networks: ChampionNetworks
    talent: Talent
    subscriptions: Subscriptions
    subjects: Subjects
    provisioning: Provisioning
    """The directory that the identity provider keeps up to date, where one does."""
    sessions: Sessions
    once: Once
    """Assertions that were used."""
    seeing: Seeing | None = None
    """How many different people one caller may see in a day; `None`: any number."""
    requests: Allowance | None = None
    """How often one caller may ask anything; `None`: as often as they like."""
    provider: Provider | None = None
    """Where people sign in, and whose tokens the API takes; `None`: it takes only keys of this service."""
    signing: Signing | None = None
    """What signs statements of help that people take away; `None`: nothing does."""
    acting: set[tuple[date, str, str]] = field(default_factory=set)
    """Day, program and person of each line "acted for" that was written into the audit log."""
    now: Callable[[], datetime] = utc_now
    count_demand: bool = True
    chat_link: str = ""
    """How a chat with somebody is opened: an address with `{address}`, and `{text}` where the chat takes one."""
    public_url: str = ""
    """The address at which people reach the service; empty where the settings do not say it."""
    forget: Callable[[], None] = lambda: None
    """Called when somebody was erased: no byte of them is to stay."""
    renew: Callable[[], None] = lambda: None
    """Called when names of topics have changed: the index is to be built anew."""

    def note(self, question: Query, viewer: Viewer, *, met: bool = True) -> None:
        """Count a question for the topics in it, once it is answered; `met`: somebody was found for it.

        Where the count cannot be written, the asker is not told, and nothing is raised.
        """
        if self.count_demand and not self.insecure_demo:
            with suppress(StoreError):
                self.demand.note(question, viewer, self.now().date(), met=met)

    def audit(self, actor: str, event: str, subject: str, detail: str = "") -> None:
        """Write into the audit log who did, or tried, what to whom. `detail`: through which program, or why."""
        self.finder.note(AuditEntry(at=self.now(), actor=actor, event=event, subject=subject, detail=detail))

    def acted(self, program: str, person: str) -> None:
        """Write into the audit log that a program asks for a person, once a day for each pair; the person sees it."""
        today = self.now().date()
        if (today, program, person) not in self.acting:
            with suppress(StoreError):
                self.audit(program, "acted for", person)
            if len(self.acting) > ACTING_KEPT:
                self.acting.clear()
            self.acting.add((today, program, person))

    async def call(self, work: Callable[[], T]) -> T:
        """Run synchronous work in a thread of the core, not in the event loop: one call for a whole answer."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, copy_context().run, work)


async def door(request: Request) -> Door:
    """The door of the app that got this request. It waits for nothing: what is not `async` is run in another thread."""
    found: Door = request.app.state.door
    return found
