"""The HTTP door: the API under `/v1`, and the pages while there is no sign-in."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI

from expertfinder.errors import Forbidden
from expertfinder.http.app import Options, create_app
from expertfinder.http.badges import new_key, signing_of
from expertfinder.http.context import Door
from expertfinder.http.middleware.metrics import log_to_stderr
from expertfinder.http.signin.configured import sign_in_of

__all__ = [
    "DEMO_HOST",
    "Options",
    "create_app",
    "log_to_stderr",
    "new_key",
    "serve",
    "server",
    "sign_in_of",
    "signing_of",
]

DEMO_HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 5
"""Answers take milliseconds; what has not ended after this is a connection that somebody forgot."""


IDLE_SECONDS = 30
"""A connection on which nothing is asked for so long is closed; browsers open another one when they need it."""


def server(app: FastAPI, *, host: str, port: int) -> uvicorn.Server:
    """A server that is not running yet. Raises `Forbidden` for the demonstration mode on any host but 127.0.0.1."""
    here: Door = app.state.door
    if here.insecure_demo and host != DEMO_HOST:
        raise Forbidden(
            f"the demonstration mode asks nobody who they are, so it serves on {DEMO_HOST} only, not on {host}"
        )
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,  # it would write down questions; the envelope logs without them
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
    )
    return uvicorn.Server(config)


def serve(app: FastAPI, *, host: str = DEMO_HOST, port: int = 8000) -> None:
    """Serve until interrupted. Raises `Forbidden` as `server` does."""
    server(app, host=host, port=port).run()
