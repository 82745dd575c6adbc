"""Mailing lists as maildir: a file a mail, in folders `cur` and `new`. What is read of a mail: see `mbox.py`.

Mails that are marked as thrown away (the flag `T`) are taken for deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import Spot, Tree
from expertfinder.sources.talk import mbox

_THROWN_AWAY: Final = re.compile(r"[:;!]2,[A-Za-z]*T[A-Za-z]*$")
"""The end of a file's name with the flag `T`: after a colon, or after the sign that replaces it on some disks."""


class MaildirReader(mbox.MboxReader):
    """Reads mailing lists in folders of a maildir (`Reader`)."""

    what = "a maildir has its mails in folders 'cur' and 'new'"

    def files_of(self, tree: Tree) -> list[str]:
        """The files of `cur` and `new`, here and in folders below."""
        found = []
        for name in tree.names:
            folders = name.split("/")[:-1]
            if not folders or folders[-1] not in ("cur", "new"):
                self.left_out("files beside the mails")
            elif _THROWN_AWAY.search(name):
                self.left_out("mails that are marked as thrown away")
            else:
                found.append(name)
        return found

    def mails_of(self, tree: Tree, name: str) -> Iterator[tuple[Spot, bytes]]:
        """The one mail of a file. Raises `SourceError` for a mail over `MAIL_LIMIT`."""
        with tree.open(name) as file:
            raw = file.read(mbox.MAIL_LIMIT + 1)
        if len(raw) > mbox.MAIL_LIMIT:
            raise SourceError(f"a mail is longer than {mbox.MAIL_LIMIT:,} bytes", file=tree.named(name))
        yield Spot(tree.named(name)), raw


FORMAT = replace(
    mbox.FORMAT, name="maildir", summary="Mailing lists in a maildir; no one's own mailbox", open=MaildirReader
)
