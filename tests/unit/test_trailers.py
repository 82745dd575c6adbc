"""Whoever a message names as an author is one, wherever the line stands and however it is spelt; prose names nobody."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.sources.trailers import AUTHOR, Contact, read_message

NAMES = st.sampled_from(["Noor Lind", "Olle Mink", "Pia de Nord", "Jürgen Ö", "rune", "van der Berg, J"])
SPELT = (
    "Co-authored-by",
    "Co-Authored-By",
    "co-authored-by",
    "CO-AUTHORED-BY",
    "Coauthored-by",
    "Co-author",
    "Co authored by",
)
MEANT = ("Co-developed-by", "Patch-by", "Patch by", "Submitted by", "Original-author", "Written-by", "Authored-by")
ROLES = st.sampled_from([*SPELT, *MEANT])
BETWEEN = st.sampled_from([": ", ":", " : ", ":\t"])
PROSE = st.lists(
    st.sampled_from(
        ["* Fix the cache", "Keeps answers for a day.", "", "---------", "* Tidy", "See #41.", "It holds (so far)."]
    ),
    max_size=6,
)


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, list[str], list[str]]:
    """A message, the addresses of the authors that it names, and its lines of prose."""
    lines = draw(PROSE)
    prose = [line for line in lines if line]
    emails = []
    for number in range(draw(st.integers(0, 4))):
        email = f"n{number}@firm.example"
        emails.append(email)
        indent = draw(st.sampled_from(["", "    ", "* "]))
        name = draw(NAMES).partition(",")[0]
        lines.insert(draw(st.integers(0, len(lines))), f"{indent}{draw(ROLES)}{draw(BETWEEN)}{name} <{email}>")
    return "\n".join(["Geocoder (#41)", "", *lines]), emails, prose


@given(messages())
def test_every_author_whom_a_message_names_is_found_wherever_the_line_stands(
    drawn: tuple[str, list[str], list[str]],
) -> None:
    message, emails, prose = drawn
    said = read_message(message)
    assert said.title == "Geocoder (#41)"
    assert sorted(contact.email for contact in said.contacts if contact.role == AUTHOR) == sorted(emails)
    assert "firm.example" not in said.body
    assert [line for line in said.body.split("\n") if line] == prose


@pytest.mark.parametrize(
    ("line", "contacts"),
    [
        (
            "Co-authored-by: A B <a@x.example>, C D <c@x.example>",
            [(AUTHOR, "A B", "a@x.example"), (AUTHOR, "C D", "c@x.example")],
        ),
        (
            "Co-authored-by: A B <a@x.example> and C <c@x.example>.",
            [(AUTHOR, "A B", "a@x.example"), (AUTHOR, "C", "c@x.example")],
        ),
        ("Co-authored-by: A B (a@x.example)", [(AUTHOR, "A B", "a@x.example")]),
        ("Co-authored-by: a@x.example", [(AUTHOR, "", "a@x.example")]),
        ('Co-authored-by: "A B" <a@x.example>', [(AUTHOR, "A B", "a@x.example")]),
        ("Reviewed-by: R <r@x.example>", [("review", "R", "r@x.example")]),
        ("Reported-and-tested-by: R <r@x.example>", [("review", "R", "r@x.example")]),
        ("Acked-by: R <r@x.example> # for the pumps", [("approve", "R", "r@x.example")]),
        ("Signed-off-by: S <s@x.example>", [("merge", "S", "s@x.example")]),
        ("Author: ann <ann@6b1d-uuid>", [(AUTHOR, "ann", "ann@6b1d-uuid")]),
        ("Reported-by: R <r@x.example>", []),
    ],
)
def test_a_line_of_people_right_under_prose_is_read_and_leaves_the_text(
    line: str, contacts: list[tuple[str, str, str]]
) -> None:
    said = read_message(f"Title\n\nKeeps answers.\n{line}\n\n* next commit")
    assert said.contacts == tuple(Contact(*each) for each in contacts)
    assert said.body == "Keeps answers.\n\n* next commit"


@pytest.mark.parametrize(
    "line",
    [
        "Reviewed-by: Cem <cem@firm.example> said once.",
        "> Co-authored-by: Bob <bob@firm.example>",
        "Co-authored-by lines are kept.",
        "Author: the one who wrote it",
        "Patch: see below",
        "commit 0123456789abcdef\nAuthor: Bob <bob@firm.example>\n\n    the culprit",
    ],
)
def test_prose_and_a_quoted_commit_name_nobody(line: str) -> None:
    said = read_message(f"Title\n\n{line}\nmore prose")
    assert said.contacts == ()
    assert line.split("\n")[0] in said.body


def test_the_authors_of_commits_that_were_squashed_wrote_it() -> None:
    squashed = "commit 0123456789abcdef\nAuthor: Bob <bob@firm.example>\nDate:   now\n\n    Fix it"
    message = f"Squashed commit of the following:\n\n{squashed}"
    assert read_message(f"Title\n\n{message}").contacts == (Contact(AUTHOR, "Bob", "bob@firm.example"),)


def test_an_author_without_an_address_is_counted() -> None:
    said = read_message("Title\n\nCo-authored-by: Noor Lind")
    assert (said.contacts, said.nameless) == ((), 1)


ELSEWHERE = (
    "Co-écrit par :",
    "Coautrice :",
    "Coautora:",
    "Co-autore:",
    "Mitautorin:",
    "Gemeinsam mit:",
    "Mede-auteur:",
    "Współautor:",
    "Medförfattare:",
    "Соавтор:",
    "Ortak yazar:",
    "共著者：",
    "共同作者：",
    "공동 작성자:",
    "Co‑authored‑by:",
    "Co–authored–by:",
    "🤝 Co-authored-by:",
    "• Co-authored-by:",
    "2. Co-authored-by:",
    '"Co-authored-by:',
    "Implemented-and-tested-by:",
    "Patch by",
    "Contributed by",
    "Original patch by",
    "Written together with",
    "Co-authored-by",
)
CONTACTS = (
    "{name} <{email}>",
    "{name} <<{email}>>",
    "{name} <mailto:{email}>",
    "{name} <[{email}](mailto:{email})>",
    "{name} &lt;{email}&gt;",
    "{name}\u00a0<{email}>",
    "{name} <{email}><br>",
    "{name} <{email}>\\",
    "Lind, {name} <{email}>",
    "{name}\n <{email}>",
)


@pytest.mark.parametrize("seed", range(60))
def test_an_author_is_named_in_other_languages_and_as_other_programs_spell_a_contact(seed: int) -> None:
    draw = random.Random(seed)
    role = ELSEWHERE[seed % len(ELSEWHERE)]
    contact = CONTACTS[0] if role[-1].isalpha() or role[0] == '"' else draw.choice(CONTACTS)
    name, email = draw.choice(("Noor", "Jürgen Ö", "李雷", "Pia")), f"n{seed}@firm.example"
    line = f"{role} {contact.format(name=name, email=email)}" + ('"' if role[0] == '"' else "")
    below = draw.choice(("", "\n\n* next commit", "\nReviewed-by: R <r@firm.example>"))
    said = read_message(f"Cache\n\nKeeps answers for a day.\n\n{line}{below}")
    assert [one.email for one in said.contacts if one.role == AUTHOR] == [email], line
    assert "firm.example" not in said.body
    assert said.body.startswith("Keeps answers for a day.")


NOOR, OLLE = "Noor Lind <noor@firm.example>", "Olle Mink <olle@firm.example>"


@pytest.mark.parametrize(
    ("message", "authors"),
    [
        (f"Cache\n\nFrom: {NOOR}\n\nKeeps answers.", 1),
        (f"Cache\n\nFrom {'0' * 40} Mon Sep 17 00:00:00 2001\nFrom: {NOOR}\nDate: now\nSubject: Cache", 1),
        (f"Cache\n\nFrom: {NOOR}\nTo: dev@firm.example\nSubject: a report", 0),
        (f"Cache\n\n2025-05-05  {NOOR}\n\t    {OLLE}\n\n\t* cache.c (get): New.", 2),
        (f"Cache\n\nCo-authored-by:\n- {NOOR}\n- {OLLE}", 2),
        (f"Cache. Co-authored-by: {NOOR}", 1),
        (f"Cache Co-authored-by: {NOOR} Co-Authored-By: {OLLE}", 2),
        (f"Cache\\n\\nCo-authored-by: {NOOR}\\nCo-authored-by: {OLLE}", 2),
        (f"Cache\n\nCo-authored-by: {NOOR} {OLLE}", 2),
        (f"Cache\n\nCo-authored-by: {NOOR} & {OLLE}", 2),
        (f"Cache\n\nThe hook puts Co-authored-by: {NOOR} below the text.", 0),
        (f"Cache\n\nAdd `Co-authored-by: {NOOR}`", 0),
        (f"Cache\n\nThanks to {NOOR} for the report.", 0),
    ],
)
def test_authors_stand_where_programs_and_habits_put_them(message: str, authors: int) -> None:
    said = read_message(message)
    assert {one.email for one in said.contacts if one.role == AUTHOR} == {"noor@firm.example", "olle@firm.example"} - (
        {"olle@firm.example"} if authors == 1 else {"noor@firm.example", "olle@firm.example"} if not authors else set()
    )
    assert said.title == ("Cache." if message.startswith("Cache.") else "Cache")
