"""The door for assistants: tools of the Model Context Protocol that answer as the API answers the same person.

It needs the extra `mcp`. Over stdio the owner of the process says as whom it reads; over HTTP the service says
who asks, by the same keys and tokens as everywhere (`expertfinder.http.assistants`).
"""

from __future__ import annotations

from expertfinder.http.mcp.tools import Offer, http_app, server

__all__ = ["Offer", "http_app", "server"]
