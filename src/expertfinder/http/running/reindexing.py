"""Folding: a child process makes a new snapshot while this process goes on answering.

One child runs at a time, and answers come before its work. The first snapshot of a day is built from the whole record,
with the network; each later one only takes in what is new.

An error of a fold is in the operator's log and nowhere else: no answer and no health check tells of it.
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
"""Niceness of the child: on a busy machine answers come first; on an idle one it is as fast as without."""
RETRY_SECONDS = 60.0
"""Seconds from a failed fold to the next. A full disk stays full for a while, and each try reads the whole record."""
STOP_SECONDS = 10.0
"""Seconds after which `stop` kills a fold that was told to end. A fold writes nothing until it is done."""
TOLD = 2_000
"""Characters from the end of the child's error output that are logged."""

log = logging.getLogger("expertfinder.http")


class Folding:
    """The folds of one service. `posts`: so many waiting facts start a fold; `None`: waiting facts never start one."""

    def __init__(self, finder: ExpertFinder, posts: int | None) -> None:
        self._finder = finder
        self._posts = posts
        self._child: subprocess.Popen[bytes] | None = None
        self._erased = self._forgetting = self._renamed = False
        self._not_before = 0.0

    def look(self) -> None:
        """Pick up what is new, and start a fold where one is due. Never called by two threads at once."""
        # First see whether the child has ended, so that its snapshot is picked up before another fold is considered.
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
            return  # another snapshot is being verified, or cannot be used here and must stay
        today = datetime.now(UTC).date()
        if self._finder.fold_due(today, posts=self._posts):
            self._begin(["index"] if self._finder.build_due(today) else ["index", "--fold"])

    def forget(self) -> None:
        """Somebody was erased: leave no byte of them in record and index, as soon as no other child is at work."""
        self._erased = True

    def renew(self) -> None:
        """Names of topics have changed: build the index anew, as soon as no other child is at work."""
        self._renamed = True

    def _begin(self, command: list[str]) -> None:
        try:
            self._start(command)
        except OSError as error:
            log.error("the fold cannot be started and is tried again in %.0f s: %s", RETRY_SECONDS, error)
            self._not_before = time.monotonic() + RETRY_SECONDS

    def stop(self) -> None:
        """End a running fold. The next fold removes what this one leaves half built."""
        if self._child is not None:
            self._child.terminate()
            try:
                self._child.communicate(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.communicate()

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
