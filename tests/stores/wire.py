"""A wire between a client and a server on this machine that can be cut, held, slowed, or hang after so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
import time


class Wire:
    """Listens on a port of its own and carries bytes to and from a server's port until it is closed."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.delay = 0.0
        """Seconds by which everything that the client says comes later."""
        self.refuses = False
        """Whether new connections are closed at once, as if nobody listened."""
        self._flows = threading.Event()
        self._flows.set()
        self._left: int | None = None
        self._ends: list[socket.socket] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, count: int | None) -> None:
        """Cut everything once the client has said so many more bytes; `None`: never."""
        self._left = count

    def cut(self) -> None:
        """Break every connection there is."""
        with self._lock:
            ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def hold(self) -> None:
        """Carry nothing any more; connections stay open, and new ones are accepted."""
        self._flows.clear()

    def flow(self) -> None:
        """Carry again."""
        self._flows.set()

    def close(self) -> None:
        """End it."""
        self.flow()
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.refuses:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._to))
                with self._lock:
                    self._ends += [client, server]
                for one, other, counted in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._carry, args=(one, other, counted), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(65536):
                self._flows.wait()
                if counted:
                    time.sleep(self.delay)
                    if self._left is not None:
                        piece = piece[: self._left]
                        self._left -= len(piece)
                other.sendall(piece)
                if counted and self._left == 0:
                    self._left = None
                    self.cut()
            other.shutdown(socket.SHUT_WR)
