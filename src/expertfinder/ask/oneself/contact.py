"""Where somebody can be written to: the address of the record that an answer names, and of no record joined with it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from expertfinder.ask.finder import ExpertFinder
from expertfinder.errors import StoreError
from expertfinder.model import Viewer
from expertfinder.policy import may_find

_ADDRESS = re.compile(r"[a-z0-9._+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)
"""Addresses that are safe in a link; others are not linked."""


def addresses(finder: ExpertFinder, ids: Sequence[str], viewer: Viewer) -> dict[str, str]:
    """Person id -> e-mail address, of those whose own record the viewer may find and has one.

    Where the record is away nobody has one: an answer is worth more than a link in it.
    """
    try:
        records = finder.store.get("person", ids)
    except StoreError:
        return {}
    found: dict[str, str] = {}
    for record in records:
        if may_find(record, viewer) and record.is_human:
            mails = (key.partition(":")[2] for key in record.accounts if key.startswith("email:"))
            address = next((mail for mail in mails if _ADDRESS.fullmatch(mail)), "")
            if address:
                found[record.id] = address
    return found
