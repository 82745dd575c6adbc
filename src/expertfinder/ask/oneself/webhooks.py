"""Programs that are told: Standard Webhooks 1.0, over https, to hosts that an administrator names, and nowhere else.

The address is resolved once, every address that it has is checked to be a public one, and the connection goes to that
very address: a name that is pointed elsewhere in between changes nothing. No redirect is followed.
"""

from __future__ import annotations

import hmac
import http.client
import ipaddress
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Sequence
from hashlib import sha256
from urllib.parse import urlsplit

from expertfinder.errors import InvalidQuestion, StoreUnavailable

SECONDS = 10.0
"""How long a program may take to take a message; Standard Webhooks name 15 to 30 at most."""
LONGEST_ADDRESS = 500
"""Characters of the address of a webhook."""
Resolve = Callable[[str, int], Sequence[str]]
"""Name of a host, port -> its addresses."""


def check_address(url: str, hosts: Collection[str]) -> tuple[str, int, str]:
    """Host, port and path of the address of a webhook. `InvalidQuestion` for any that may not be told."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError as error:
        raise InvalidQuestion("this is no address of a webhook") from error
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_ADDRESS
    if not plain or parts.scheme != "https" or parts.username is not None or parts.fragment:
        raise InvalidQuestion("a webhook has an https address without a user and a fragment")
    if host not in hosts:
        raise InvalidQuestion("this service tells no program on that host; EXPERTFINDER_WEBHOOK_HOSTS lists those")
    return host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def resolved(host: str, port: int) -> list[str]:
    """The addresses that a name has."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def public_address(host: str, port: int, resolve: Resolve = resolved) -> str:
    """The first address of a host. `StoreUnavailable` where it has none, or one that is not public."""
    try:
        found = [ipaddress.ip_address(one.partition("%")[0]) for one in resolve(host, port)]
    except (OSError, ValueError) as error:
        raise StoreUnavailable(f"{host} has no address") from error
    plain = [getattr(one, "ipv4_mapped", None) or one for one in found]
    if not plain or not all(one.is_global and not one.is_multicast for one in plain):
        raise StoreUnavailable(f"{host} leads to an address that is not public: nothing is sent")
    return str(found[0])


def signed(secret: str, name: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of a message. `name`: its id, the same each time it is sent; `at`: seconds since 1970."""
    key = b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{name}.{at}.".encode() + body, sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{b64encode(mac).decode()}",
    }


class _Pinned(http.client.HTTPSConnection):
    """A connection to one address, with the certificate of the host."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self._context = ssl.create_default_context()
        super().__init__(host, port, timeout=SECONDS, context=self._context)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), SECONDS)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


def deliver(url: str, headers: dict[str, str], body: bytes, hosts: Collection[str]) -> int:
    """Send a message; the status of the answer. Raises as `check_address` and `public_address`, and `OSError`."""
    host, port, path = check_address(url, hosts)
    connection = _Pinned(host, port, public_address(host, port))
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
