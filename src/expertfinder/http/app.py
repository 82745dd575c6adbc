"""The HTTP app: routes, errors, the middleware around them, and the watcher that picks up new facts."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware

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
from expertfinder.http import assistants, pages
from expertfinder.http.assistants import Assistants
from expertfinder.http.badges import Signing
from expertfinder.http.context import THREADS, Door, utc_now
from expertfinder.http.middleware import Envelope, embedding
from expertfinder.http.middleware.allowance import ASKING, Allowance
from expertfinder.http.middleware.metrics import router as metrics_router
from expertfinder.http.middleware.seeing import Seeing
from expertfinder.http.middleware.tags import Tags
from expertfinder.http.problems import install
from expertfinder.http.routes import (
    assess,
    champions,
    communities,
    endorsing,
    experts,
    health,
    ingest,
    network,
    people,
    posts,
    risks,
    suggest,
    talent,
    teams,
    topics,
    vocabularies,
)
from expertfinder.http.routes.me import badges, champion_networks, feedback, oneself, questions, subscriptions, wishes
from expertfinder.http.running.memory import Memory
from expertfinder.http.running.reindexing import Folding
from expertfinder.http.running.watching import Watcher
from expertfinder.http.schemas.problems import Problem
from expertfinder.http.scim import routes as scim
from expertfinder.http.signin import routes as signing_in
from expertfinder.http.signin.provider import Provider, SignIn
from expertfinder.store.protocol import Store

API_VERSION = "1.3.0"
"""The version of the contract, not of the package: it changes when `api/openapi.json` changes."""

SMALLEST_ZIPPED = 700
"""Bytes below which an answer is not compressed: it fits into one packet as it is."""
ZIP_LEVEL = 9
"""The gzip level, out of 9: a page of 60 kB takes 2 ms. An answer with a secret in it sets `Content-Encoding: identity`
itself and is not compressed, because the size of a compressed answer tells about its content (BREACH)."""

DESCRIPTION = """\
Who knows this? Ranked people with the reasons, made only of what the caller may read.

An answer names people to talk to; it is no judgement of them. Somebody a caller may not see does not exist for that
caller: absent and invisible are the same 404. Errors are problem documents (RFC 9457), explained in `problems.md`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an app behaves. `insecure_demo`: reading needs no key, the pages are there, and only 127.0.0.1 is served."""

    insecure_demo: bool = False
    refresh_seconds: float = 0.2
    """Seconds between two looks for new facts. An acknowledged fact must be seen within a second; five looks fit in."""
    fold_posts: int | None = None
    """Facts that may wait beside the snapshot before a child process folds them in; `None`: they start no fold."""
    max_body_bytes: int = 10_000_000
    assistants: Assistants | None = None
    """Makes the app that answers assistants (MCP); `None`: there is no such door."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may ask the API from a browser; none unless an administrator names them."""
    count_demand: bool = True
    """Whether it is counted how many different people ask about a topic in a week."""
    sign_in: SignIn | None = None
    """The identity provider; `None`: there is no sign-in, and keys of ours alone open the API."""
    scim_source: str = ""
    """The source that an identity provider keeps up to date by SCIM; empty: there is none."""
    signing: Signing | None = None
    """Signs the badges (statements of help) that people take away; `None`: nobody can take one away."""
    people_a_day: int | None = None
    """How many different people one caller may be shown in a day; `None`: any number."""
    talent_purposes: tuple[str, ...] = ()
    """The purposes that a talent question may name; without any, nobody may ask one."""
    asks_a_month: int = 0
    """Asks within thirty days from which on a person no longer stands first if another is about as good; 0: never."""
    requests_a_minute: int | None = None
    """How many requests one caller may send in a minute; `None`: any number."""
    body_seconds: float = 30.0
    """Seconds that may pass without a new piece of a request's body."""
    language: str = ""
    """The language of the pages for people who chose none; empty: the one that the browser prefers."""
    chat_link: str = ""
    """As `Door.chat_link`."""
    public_url: str = ""
    """The address at which people reach the service; links in feeds begin with it."""
    webhook_hosts: tuple[str, ...] = ()
    """Hosts to which webhooks about followed subjects may be sent; none unless an administrator names them."""
    memory: Memory | None = None
    """What is remembered of callers; `None`: this process keeps it for itself."""
    now: Callable[[], datetime] = utc_now
    clock: Callable[[], float] = time.monotonic
    """Seconds that only grow: they measure the age of the last good look, and how often somebody may ask."""


def create_app(finder: ExpertFinder, store: Store, options: Options | None = None) -> FastAPI:
    """An app over an open finder and its store; the caller opened both and closes both."""
    options = options or Options()
    finder.now, finder.asks_a_month = options.now, options.asks_a_month
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="expertfinder")
    networking = Networking(finder)
    questions_of = Questions(finder, networking)
    demand = Demand(finder, networking)
    folding = Folding(finder, options.fold_posts)
    sign_in = options.sign_in
    memory = options.memory or Memory.here(options.clock, session_seconds=sign_in.session_seconds if sign_in else None)
    here = Door(
        finder=finder,
        network=networking,
        store=store,
        insecure_demo=options.insecure_demo,
        threads=threads,
        demand=demand,
        watcher=Watcher(folding.look, pause=options.refresh_seconds, clock=options.clock),
        allowance=Allowance(memory.suggesting),
        choices=Choosing(finder),
        subjects=Subjects(finder, store),
        questions=questions_of,
        subscriptions=Subscriptions(finder, questions_of, hosts=options.webhook_hosts),
        chat_link=options.chat_link,
        public_url=options.public_url,
        provisioning=Provisioning(finder, store, options.scim_source),
        sessions=memory.sessions,
        once=memory.once,
        seeing=Seeing(options.people_a_day, options.now, memory.seen) if options.people_a_day else None,
        requests=_requests(options, memory),
        provider=Provider(sign_in, clock=options.clock) if sign_in else None,
        signing=options.signing,
        insights=Insights(finder, networking, demand),
        champion_networks=ChampionNetworks(finder, networking),
        talent=Talent(networking, options.talent_purposes),
        now=options.now,
        count_demand=options.count_demand,
        forget=folding.forget,
        renew=folding.renew,
    )

    inner: Any = None

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        looking = asyncio.create_task(here.watcher.run(here.call))
        try:
            async with assistants.running(inner):
                yield
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking
            threads.shutdown(wait=True)
            if here.provider is not None:
                here.provider.close()
            folding.stop()

    app = FastAPI(
        title="expertfinder",
        version=API_VERSION,
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url="/v1/openapi.json",
        docs_url=None,  # both documentation pages of the framework load scripts from other hosts
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
    )
    app.state.door = here
    app.state.metrics = memory.metrics
    app.include_router(metrics_router)
    # Routers of paths that go on after an id come first: an id may hold a slash.
    for module in (assess, feedback, experts, network, people, endorsing, posts, risks, suggest, talent, topics):
        app.include_router(module.router)
    for module in (
        communities,
        champions,
        teams,
        ingest,
        vocabularies,
        wishes,
        oneself,
        questions,
        subscriptions,
        health,
    ):
        app.include_router(module.router)
    app.include_router(champion_networks.router)
    signs_in = sign_in is not None and bool(sign_in.client) and not options.insecure_demo
    if options.scim_source:
        app.include_router(scim.router)
    app.include_router(badges.router)
    if signs_in:
        app.include_router(signing_in.router)
    pages.install(app, shown=signs_in or options.insecure_demo)
    if options.assistants:
        inner = assistants.install(app, here, options.assistants, origins=options.cors_origins)
    install(app)
    embedding.install(app, origins=options.cors_origins)
    app.add_middleware(Tags, secret=finder.home.secret())
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_ZIPPED, compresslevel=ZIP_LEVEL)
    app.add_middleware(
        Envelope,
        max_body_bytes=options.max_body_bytes,
        insecure_demo=options.insecure_demo,
        body_seconds=options.body_seconds,
        language=options.language,
    )
    app.openapi = lambda: contract(app)  # type: ignore[method-assign]
    return app


def _requests(options: Options, memory: Memory) -> Allowance | None:
    """The allowance of requests: half of a minute's number at once, and a sixtieth of that number each second."""
    number = options.requests_a_minute
    if number is None:
        return None
    return Allowance(memory.asking, at_once=max(number // 2, 1), each_second=number / 60, words=ASKING)


def contract(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an app, with the shape `Problem` that all errors have."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version="3.1.0",
            description=app.description,
            license_info=app.license_info,
            routes=app.routes,
        )
        shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = document["components"]["schemas"]
        schemas |= shape.pop("$defs", {})
        schemas["Problem"] = shape
        document["components"]["schemas"] = dict(sorted(schemas.items()))
        app.openapi_schema = document
    return app.openapi_schema


def _operation_id(route: APIRoute) -> str:
    """The name of the function: stable, and readable in generated clients."""
    return route.name
