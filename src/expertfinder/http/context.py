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
"""The core releases the lock only in numpy and SQLite; more threads than this queue anyway (two cores measured)."""


ACTING_KEPT = 10_000
"""Programs and people that a process remembers to have written down; it writes a line again where it forgot."""


def utc_now() -> datetime:
    """The clock of the door: keys expire by it and nothing else."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Door:
    """One per app, on `app.state.door`. `now` is what keys expire against, and whose week a question counts for."""

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
    """Where people sign in, and whose tokens the API takes; `None`: keys of ours alone."""
    signing: Signing | None = None
    """What signs statements of help that people take away; `None`: nothing does."""
    acting: set[tuple[date, str, str]] = field(default_factory=set)
    """Days, programs and people of whom it was written down that the one acts for the other."""
    now: Callable[[], datetime] = utc_now
    count_demand: bool = True
    chat_link: str = ""
    """How a chat with somebody is opened: an address with `{address}`, and `{text}` where the chat takes one."""
    public_url: str = ""
    """Where people reach the service; empty where nobody has said it."""
    forget: Callable[[], None] = lambda: None
    """Called when somebody was erased: no byte of them is to stay."""
    renew: Callable[[], None] = lambda: None
    """Called when topics are called otherwise: the index is to be built anew."""

    def note(self, question: Query, viewer: Viewer, *, met: bool = True) -> None:
        """Count a question for the topics in it, once it is answered; `met`: somebody was found for it.

        A record that cannot be written is no reason to tell the asker.
        """
        if self.count_demand and not self.insecure_demo:
            with suppress(StoreError):
                self.demand.note(question, viewer, self.now().date(), met=met)

    def audit(self, actor: str, event: str, subject: str, detail: str = "") -> None:
        """Write into the audit log who did, or tried, what to whom. `detail`: through which program, or why."""
        self.finder.note(AuditEntry(at=self.now(), actor=actor, event=event, subject=subject, detail=detail))

    def acted(self, program: str, person: str) -> None:
        """Write down that a program asks in somebody's name, once a day for the two; the person sees it."""
        today = self.now().date()
        if (today, program, person) not in self.acting:
            with suppress(StoreError):
                self.audit(program, "acted for", person)
            if len(self.acting) > ACTING_KEPT:
                self.acting.clear()
            self.acting.add((today, program, person))

    async def call(self, work: Callable[[], T]) -> T:
        """Run synchronous work beside the event loop: one hop for a whole answer."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, copy_context().run, work)


def door(request: Request) -> Door:
    """The door of the app that got this request."""
    found: Door = request.app.state.door
    return found
