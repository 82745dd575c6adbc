"""What the import of a large export costs: CPU seconds and peak memory beside parsing it bare and writing its facts.

    python scripts/benchmark_sources.py [NAME ...] [--megabytes 300] [--json]

Made-up exports, one record a person or an activity: `scim` (a list in one file), `ldif`, `activitystreams` and `xapi`
(a record a line). Each is imported by the command in a process of its own. *Bare* is the parser of each kind over the
whole file (orjson for JSON, a loop over lines for LDIF) and *write* the store taking in the same facts in batches, each
in a process of its own, too.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

UNITS = ("Assembly", "Energy", "Finance", "Legal", "Logistics", "Maintenance", "Quality", "Research")
WORDS = ("bearing", "coating", "furnace", "gasket", "hedging", "invoice", "pump", "rotor", "sensor", "turbine", "valve")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
BARE = {
    "json": "import orjson, sys; orjson.loads(open(sys.argv[1], 'rb').read())",
    "lines of json": "import orjson, sys\nfor line in open(sys.argv[1], 'rb'): orjson.loads(line)",
    "lines": "import sys\nfor line in open(sys.argv[1], encoding='utf-8'): line.rstrip().partition(': ')",
}
"""Kind of file -> a program that parses one and keeps nothing."""
WRITE = """
import sys
import time
from itertools import islice
from pathlib import Path
from expertfinder.store import open_store
read, made = open_store(Path(sys.argv[1])), open_store(Path(sys.argv[2]))
spent = 0.0
for kind in ("person", "post", "interaction"):
    facts = iter(read.all(kind))
    while batch := list(islice(facts, 1000)):
        began = time.process_time()
        made.apply(batch)
        spent += time.process_time() - began
print(spent)
"""
"""A program that writes the facts of one record into another, and prints the CPU seconds of the writes alone."""


def people(draw: random.Random) -> Iterator[dict[str, str]]:
    """Made-up people without end."""
    number = 0
    while True:
        number += 1
        given, family = f"{draw.choice(WORDS)}a".title(), f"{draw.choice(WORDS)}son{number}".title()
        yield {
            "id": f"{draw.getrandbits(128):032x}",
            "given": given,
            "family": family,
            "mail": f"{given}.{family}@factory.example".lower(),
            "unit": draw.choice(UNITS),
            "title": f"{draw.choice(WORDS)} engineer".capitalize(),
            "number": str(number),
            "day": f"20{draw.randrange(10, 26)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}",
        }


def scim(draw: random.Random) -> Iterator[str]:
    """A `ListResponse`, a resource a piece."""
    yield '{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"Resources":['
    for number, who in enumerate(people(draw)):
        user = {
            "schemas": [CORE, ENTERPRISE],
            "id": who["id"],
            "userName": who["mail"],
            "name": {"givenName": who["given"], "familyName": who["family"]},
            "displayName": f"{who['given']} {who['family']}",
            "title": who["title"],
            "active": True,
            "preferredLanguage": "en",
            "emails": [{"value": who["mail"], "type": "work", "primary": True}],
            "groups": [{"value": who["unit"].lower(), "display": who["unit"]}],
            ENTERPRISE: {"employeeNumber": who["number"], "department": who["unit"]},
            "meta": {"resourceType": "User", "lastModified": f"{who['day']}T08:00:00Z"},
        }
        yield ("," if number else "") + json.dumps(user)


def ldif(draw: random.Random) -> Iterator[str]:
    """Entries, one a piece."""
    yield "version: 1\n"
    for who in people(draw):
        name = f"{who['given']} {who['family']}"
        lines = [
            f"dn: uid={who['id']},ou=people,dc=factory,dc=example",
            "objectClass: inetOrgPerson",
            f"uid: {who['id']}",
        ]
        lines += [f"cn: {name}", f"sn: {who['family']}", f"givenName: {who['given']}", f"mail: {who['mail']}"]
        lines += [f"title: {who['title']}", f"departmentNumber: {who['unit']}", f"employeeNumber: {who['number']}"]
        yield "\n" + "\n".join(lines) + "\n"


def activitystreams(draw: random.Random) -> Iterator[str]:
    """Activities of a thousand people, a line each."""
    known = [who for who, _ in zip(people(draw), range(1000), strict=False)]
    number = 0
    while True:
        number += 1
        who = draw.choice(known)
        note = {
            "type": "Note",
            "id": f"https://talk.example/notes/{number}",
            "content": f"<p>{' '.join(draw.choices(WORDS, k=40))}</p>",
            "published": f"{who['day']}T09:00:00Z",
        }
        activity = {"@context": "https://www.w3.org/ns/activitystreams", "type": "Create", "object": note}
        activity |= {"id": f"https://talk.example/acts/{number}", "published": note["published"]}
        activity["actor"] = {"type": "Person", "id": f"https://talk.example/{who['number']}", "name": who["given"]}
        yield json.dumps(activity) + "\n"


def xapi(draw: random.Random) -> Iterator[str]:
    """Statements of a thousand people, a line each."""
    known = [who for who, _ in zip(people(draw), range(1000), strict=False)]
    number = 0
    while True:
        number += 1
        who, verb = draw.choice(known), draw.choice(("completed", "answered", "commented"))
        course = f"https://learn.example/{draw.randrange(500)}"
        statement = {
            "id": f"00000000-0000-4000-8000-{number:012d}",
            "actor": {"objectType": "Agent", "name": who["given"], "mbox": f"mailto:{who['mail']}"},
            "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}", "display": {"en": verb}},
            "object": {"id": course, "definition": {"name": {"en": " ".join(draw.choices(WORDS, k=4))}}},
            "result": {"response": " ".join(draw.choices(WORDS, k=20))},
            "timestamp": f"{who['day']}T10:00:00Z",
        }
        yield json.dumps(statement) + "\n"


TIMED = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3, done.returncode, done.stdout, done.stderr]))
"""
"""A program that runs a command and prints its CPU seconds, peak memory in MB, exit code and output."""
EXPORTS: dict[str, tuple[str, str, str, Callable[[random.Random], Iterator[str]], list[str]]] = {
    "scim": ("users.json", "]}", "json", scim, ["--directory"]),
    "ldif": ("people.ldif", "", "lines", ldif, ["--directory"]),
    "activitystreams": ("outbox.jsonl", "", "lines of json", activitystreams, []),
    "xapi": ("statements.jsonl", "", "lines of json", xapi, []),
}
"""Source -> name of the file, its end, what parses it bare, what writes it, and options of its import."""


def written(path: Path, name: str, size: int) -> int:
    """Write an export of at least so many bytes; the number of its records."""
    _, end, _, pieces, _ = EXPORTS[name]
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for piece in pieces(random.Random(7)):
            file.write(piece)
            count += 1
            if file.tell() > size:
                break
        file.write(end)
    return count


def child(*command: str | Path) -> tuple[float, float, str]:
    """Run a command: its CPU seconds, its peak memory in MB, and what it printed."""
    told = subprocess.run([sys.executable, "-c", TIMED, *map(str, command)], capture_output=True, text=True, check=True)
    cpu, peak, status, out, err = json.loads(told.stdout)
    if status:
        raise SystemExit(f"{' '.join(map(str, command[:6]))} ended with {status}:\n{err or out}")
    return cpu, peak, out


def measured(name: str, folder: Path, megabytes: int) -> dict[str, float | str]:
    """All figures of one source."""
    file, _, parser, _, options = EXPORTS[name]
    path, home = folder / file, folder / "home"
    records = written(path, name, megabytes * 1_000_000)
    ingest = [
        sys.executable,
        "-m",
        "expertfinder",
        "ingest",
        name,
        path,
        "--source",
        "big",
        "--audience",
        "organisation",
    ]
    cpu, peak, _ = child(*ingest, "--home", home, "--no-index", *options)
    bare, _, _ = child(sys.executable, "-c", BARE[parser], path)
    _, _, write = child(sys.executable, "-c", WRITE, home / "record.sqlite", folder / "other.sqlite")
    return {
        "source": name,
        "megabytes": path.stat().st_size / 1e6,
        "records": records,
        "cpu_s": cpu,
        "peak_mb": peak,
        "bare_cpu_s": bare,
        "write_cpu_s": float(write),
        "ratio": cpu / (bare + float(write)),
        "cpu_ms_a_thousand": 1e6 * cpu / records,
    }


def main() -> int:
    """Measure and print. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", default=list(EXPORTS), metavar="NAME", help=", ".join(EXPORTS))
    parser.add_argument("--megabytes", type=int, default=300, help="size of each export")
    parser.add_argument("--json", action="store_true", help="print all figures as JSON, one source a line")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in EXPORTS]
    if unknown:
        parser.error(f"there is no {unknown[0]!r} here; there are {', '.join(EXPORTS)}")
    for name in options.names:
        with tempfile.TemporaryDirectory() as folder:
            found = measured(name, Path(folder), options.megabytes)
        if options.json:
            print(json.dumps(found), flush=True)
            continue
        print(
            f"{name}: {found['records']:,} records, {found['megabytes']:.0f} MB: {found['cpu_s']:.1f} CPU s"
            f" ({found['cpu_ms_a_thousand']:.0f} ms a thousand), {found['peak_mb']:.0f} MB at the peak;"
            f" bare {found['bare_cpu_s']:.1f} s, write {found['write_cpu_s']:.1f} s, {found['ratio']:.1f} times both",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
