"""Folding: a child process makes a new snapshot while this one goes on answering; one at a time, and answers first.

The first one of a day is built of the whole record, with the network; after that what is new is taken in.

What goes wrong is said in the operator's log and nowhere else: no answer and no health check tells of it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from datetime import UTC, datetime

from expertfinder.ask.finder import ExpertFinder
from expertfinder.configuration.settings import PREFIX
from expertfinder.index.snapshot import day_of

NICENESS = 10
"""Of the child: answers come first on a machine that is busy, and on one that is not it is as fast."""
RETRY_SECONDS = 60.0
"""After a fold that failed. A full disk stays full for a while, and each try reads the whole record."""
STOP_SECONDS = 10.0
"""A fold that is told to stop has so many seconds before it is killed; it writes nothing until it is done."""
TOLD = 2_000
"""Characters of the child's last words that are logged."""

log = logging.getLogger("expertfinder.http")


class Folding:
    """The folds of one service. `posts`: after how many waiting facts; `None` never starts any."""

    def __init__(self, finder: ExpertFinder, posts: int | None) -> None:
        self._finder = finder
        self._posts = posts
        self._child: subprocess.Popen[bytes] | None = None
        self._erased = self._forgetting = self._renamed = False
        self._not_before = 0.0

    def look(self) -> None:
        """Pick up what is new, and start a fold where one is due. Never called by two threads at once."""
        # First whether the child has ended: what it published is then seen before another fold is thought of.
        if self._child is not None and self._child.poll() is not None:
            self._ended(self._child)
        self._finder.refresh()
        if self._child is not None or time.monotonic() < self._not_before:
            return
        if self._erased:
            self._begin(["scrub", "--index"])
            self._forgetting, self._erased = self._child is not None, self._child is None
            return
        if self._renamed and self._finder.index_state == "current":
            self._begin(["index"])
            self._renamed = self._child is None
            return
        if self._posts is None:
            return
        if self._finder.index_state != "current":
            return  # another one is being verified; or somebody made one that this service cannot use, which stays
        today = datetime.now(UTC).date()
        if self._finder.fold_due(today, posts=self._posts):
            self._begin(["index"] if self._finder.build_due(today) else ["index", "--fold"])

    def forget(self) -> None:
        """Somebody was erased: leave no byte of them in record and index, as soon as no other child is at work."""
        self._erased = True

    def renew(self) -> None:
        """Topics are called otherwise: build the index anew, as soon as no other child is at work."""
        self._renamed = True

    def _begin(self, command: list[str]) -> None:
        try:
            self._start(command)
        except OSError as error:
            log.error("the fold cannot be started and is tried again in %.0f s: %s", RETRY_SECONDS, error)
            self._not_before = time.monotonic() + RETRY_SECONDS

    def stop(self) -> None:
        """End a fold that runs; what it leaves half built is removed by the next one."""
        if self._child is not None:
            self._child.terminate()
            self._child.communicate(timeout=STOP_SECONDS)

    def _start(self, what: list[str]) -> None:
        manifest = self._finder.snapshot.manifest
        command = [sys.executable, "-m", "expertfinder", *what, "--home", str(self._finder.home.folder)]
        if manifest.pinned and what[0] == "index":
            command += ["--as-of", f"{day_of(manifest.as_of):%Y-%m-%d}"]
        environment = {**os.environ, f"{PREFIX}ENCODER": manifest.encoder}
        self._child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
        )
        os.setpriority(os.PRIO_PROCESS, self._child.pid, NICENESS)

    def _ended(self, child: subprocess.Popen[bytes]) -> None:
        self._child = None
        forgot, self._forgetting = self._forgetting, False
        words = child.communicate()[1].decode(errors="replace")[-TOLD:].strip()
        if child.returncode:
            self._erased = self._erased or forgot
            failed = "the fold failed with exit code %d and is tried again in %.0f s: %s"
            log.error(failed, child.returncode, RETRY_SECONDS, words)
            self._not_before = time.monotonic() + RETRY_SECONDS
