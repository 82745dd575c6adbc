"""The HTTP door: the API under `/v1`, and the pages while there is no sign-in."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from expertfinder.errors import Forbidden, StoreUnavailable
from expertfinder.http.app import Options, create_app
from expertfinder.http.badges import new_key, signing_of
from expertfinder.http.context import Door
from expertfinder.http.middleware.metrics import log_to_stderr
from expertfinder.http.running.hurrying import hurrying
from expertfinder.http.running.memory import Beside
from expertfinder.http.running.workers import run_workers
from expertfinder.http.signin.configured import sign_in_of

__all__ = [
    "DEMO_HOST",
    "Beside",
    "Options",
    "check_host",
    "create_app",
    "listening",
    "log_to_stderr",
    "new_key",
    "run_workers",
    "server",
    "sign_in_of",
    "signing_of",
]

DEMO_HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 5
"""Seconds that open requests get at shutdown. Answers take milliseconds; a connection open longer was forgotten."""


BACKLOG = 2048
"""Connections that may wait until a worker takes them: as many as uvicorn lets wait for its one process."""
IDLE_SECONDS = 30
"""Seconds without a request after which a connection is closed. Browsers open another one when they need it."""
HEAD_SECONDS = 30.0
"""Seconds for the line and the headers of a request, as long as a body may pause (`Options.body_seconds`)."""


def check_host(host: str, *, demo: bool) -> None:
    """Raise `Forbidden` for the demonstration mode on any host but 127.0.0.1."""
    if demo and host != DEMO_HOST:
        raise Forbidden(
            f"the demonstration mode asks nobody who they are, so it serves on {DEMO_HOST} only, not on {host}"
        )


def server(app: FastAPI, *, host: str, port: int, head_seconds: float = HEAD_SECONDS) -> uvicorn.Server:
    """A server that is not running yet. Raises `Forbidden` for the demonstration mode on any host but 127.0.0.1.

    `head_seconds`: how long the line and the headers of a request may take.
    """
    here: Door = app.state.door
    check_host(host, demo=here.insecure_demo)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,  # uvicorn's log would contain the questions; `Envelope` logs without them
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
        http=hurrying(head_seconds),
    )
    return uvicorn.Server(config)


def listening(host: str, port: int) -> socket.socket:
    """A listening socket that several workers can share. Raises `StoreUnavailable` where the port cannot be bound."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StoreUnavailable(f"{host}:{port} is not to be had: {error.strerror}") from error
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener
