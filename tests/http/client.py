"""A client that asks an app without a network: httpx over ASGI, one call at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI


class Client:
    """Asks one app. What the app raises becomes its 500, as it would behind a server."""

    def __init__(self, app: FastAPI, *, base_url: str = "http://expertfinder.example") -> None:
        self.app = app
        self.base_url = base_url

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request and wait for the whole answer."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=self.base_url) as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Read."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """Ask or add."""
        return self.request("POST", path, **more)

    def put(self, path: str, **more: Any) -> httpx.Response:
        """Write under an id."""
        return self.request("PUT", path, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        """Take back."""
        return self.request("DELETE", path, **more)
