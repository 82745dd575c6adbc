"""`withdraw`: take single facts back, as the source that owns them would."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import typer

from expertfinder.cli.app import again, app, build_index, day_given, emit, existing, out
from expertfinder.cli.ingest.options import NoIndexOption
from expertfinder.cli.options import HomeOption, JsonOption
from expertfinder.errors import NotFound
from expertfinder.store import Kind

Word = Literal["people", "posts", "interactions", "communities"]
KINDS: Final[dict[Word, Kind]] = {
    "people": "person",
    "posts": "post",
    "interactions": "interaction",
    "communities": "community",
}


@app.command("withdraw")
def withdraw(
    kind: Annotated[Word, typer.Argument(help="What they are.")],
    ids: Annotated[list[str], typer.Argument(help="Ids, source:id.")],
    no_index: NoIndexOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take facts back. The same records do not come back with the next import; changed ones do.

    To forget a person for good, with all that they did, is another command: `erase`.
    """
    from expertfinder.ingest import withdrawal

    place, day = existing(home), day_given(home)
    store = place.open_store()
    try:
        gone = withdrawal.withdraw(store, [(KINDS[kind], fact_id) for fact_id in ids], by="prompt")[KINDS[kind]]
        if gone and not no_index:
            build_index(place, store, as_of=day)
    finally:
        store.close()
    if not gone:
        raise NotFound(f"none of these {kind} is in the record: an id is source:id, as the source gives it")
    if as_json:
        emit({"withdrawn": gone, "asked": len(set(ids)), "indexed": not no_index})
        return
    out.print(f"withdrawn: {gone:,} of {len(set(ids)):,} {kind}")
    if no_index:
        out.print("a running service knows at once; next: " + again("index", home), markup=False)
