"""An organisation whose every word is an attack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.http.conftest import NOW

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import ORGANISATION, Community, Fact, Interaction, Person, Post, Source

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</option></select><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "{{7*7}}{% for x in ().__class__.__mro__ %}{{x}}{% endfor %}",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<!--><script>alert(1)</script>-->",
)


def hostile_world(
    folder: Path, texts: Sequence[str], *, url: str = "{text}", posts: int = 1, every: int = 1
) -> ExpertFinder:
    """People `x:0` and so on, one a text, with the text wherever somebody can write; all about pumps.

    Each has the post `x:p0` and so on, `posts` in all, with this `url`; every `every`-th names a community `x:g0` and
    so on, with everybody in it. Each thanked another one.
    """
    facts: list[Fact] = [Source(id="x", audience=ORGANISATION)]
    everybody = tuple(f"x:{n}" for n in range(len(texts)))
    of_x = {"source": "x", "audience": ORGANISATION}
    for n, text in enumerate(texts):
        of_text = dict.fromkeys(("name", "title", "org_unit", "location", "bio", "availability"), text)
        lists = {"skills": (text,), "languages": (text,), "accounts": (f"email:{text}",), "groups": ("x:g",)}
        facts.append(Person(id=f"x:{n}", **of_text, **lists, manager="x:0", joined_at=NOW, **of_x))
        facts += [
            Post(
                id=f"x:p{n}" if number == 0 else f"x:p{n}-{number}{text}",
                authors=(f"x:{n}",),
                kind="question" if number == 0 and n % 2 else text,
                title=f"{text} pumps",
                text=f"pumps and attack number {n} {text}\n\n{text}\n\n# {text}\n\n- {text}\n\n`{text}`"
                + " pumps" * 200,
                tags=(text, "pumps"),
                created_at=NOW,
                language=text,
                url=url.format(text=text),
                **of_x,
            )
            for number in range(posts)
        ]
        thanked = f"x:p{(n * 3 + 1) % len(texts)}"
        facts.append(Interaction(id=f"x:i{n}", actor=f"x:{n}", verb="thank", object=thanked, created_at=NOW, **of_x))
        if n % every == 0:
            about = f"{text} pumps"
            facts.append(
                Community(id=f"x:g{n}", name=text, description=about, members=everybody, leads=everybody[:1], **of_x)
            )
    home = Home(folder)
    store = home.open_store()
    store.apply(facts)
    home.build_index(store, encode=encoder(DEFAULT), as_of=NOW.date())
    store.close()
    return ExpertFinder.open(home.folder)
