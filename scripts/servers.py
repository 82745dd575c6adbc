"""What starting a server of somebody else takes: the version that is pinned, an end with ours, its first answer."""

from __future__ import annotations

import contextlib
import subprocess
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from pathlib import Path


class NotThere(RuntimeError):
    """Something the server needs is missing; the message says what and how to get it."""


def pinned(pom: Path, name: str) -> str:
    """The version that a pom.xml pins under the property `name.version`."""
    found = ET.parse(pom).findtext(f"{{*}}properties/{{*}}{name}.version")
    assert found, "pom.xml names it"
    return found


def ends_with(group: int, owner: int, sent: str = "TERM") -> None:
    """End the processes of `group` by a signal when the process `owner` is gone, however it went."""
    script = f"(while kill -0 {owner} && kill -0 {group}; do sleep 2; done; kill -s {sent} -- -{group}) &"
    nowhere = subprocess.DEVNULL
    # In the background of a shell that ends at once, so that nobody has to wait for it.
    subprocess.run(
        ["sh", "-c", script], stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True, check=True
    )


def answered(child: subprocess.Popen[bytes], url: str, *, log: Path, patience: float) -> float:
    """Wait until a server answers; the seconds that it took. Raises `NotThere` with the end of its log."""
    began = time.monotonic()
    while True:
        with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(url, timeout=5):
            return time.monotonic() - began
        if child.poll() is not None or time.monotonic() - began > patience:
            raise NotThere(f"the server did not come; its log ends:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.5)
