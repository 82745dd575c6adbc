"""One human, several accounts: joined by keys, in whatever order they come, and never by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.identity import Decision, ambiguous_names, humans, is_personal, key_of, merged
from expertfinder.model import ORGANISATION, Audience, Person, Source

MAY = datetime(2024, 5, 1, tzinfo=UTC)
JUNE = datetime(2024, 6, 1, tzinfo=UTC)


def person(id: str, *accounts: str, name: str = "", audience: Audience = ORGANISATION) -> Person:
    return Person(id=id, source=id.partition(":")[0], name=name, accounts=accounts, audience=audience)


def identities(people: Iterable[Person], *sources: Source, **more: object) -> dict[str, str]:
    return humans(people, sources, **more).identity  # type: ignore[arg-type]


records = st.lists(
    st.builds(
        lambda number, keys, audience: person(
            f"s:{number}", *(f"email:{key}@x.example" for key in keys), audience=audience
        ),
        st.integers(0, 8),
        st.lists(st.integers(0, 5), max_size=3),
        st.sampled_from([ORGANISATION, Audience("groups", groups=("s:lab",))]),
    ),
    unique_by=lambda record: record.id,
    max_size=9,
)


def test_records_with_a_common_key_are_one_person_known_by_the_smallest_id() -> None:
    people = [person("git:ann", "email:ann@x.example"), person("chat:7", "email:Ann@X.example ")]
    assert identities(people) == {"git:ann": "chat:7", "chat:7": "chat:7"}


def test_keys_join_along_a_chain() -> None:
    people = [person("a:1", "k:1"), person("b:1", "k:1", "k:2"), person("c:1", "k:2")]
    assert set(identities(people).values()) == {"a:1"}


def test_a_name_alone_joins_nobody() -> None:
    people = [person("a:1", name="Ann Aalto"), person("b:1", name="Ann Aalto")]
    assert identities(people) == {"a:1": "a:1", "b:1": "b:1"}


def test_records_of_different_audiences_are_not_joined() -> None:
    secret = Audience("groups", groups=("s:lab",))
    people = [person("a:1", "k:1"), person("b:1", "k:1", audience=secret)]
    assert identities(people) == {"a:1": "a:1", "b:1": "b:1"}


@pytest.mark.parametrize(
    "account",
    [
        "",
        " ",
        "email:",
        "email:@x.example",
        "email:noreply@x.example",
        "email:ROOT@x.example",
        "email:ann@localhost",
        ":7",
    ],
)
def test_a_key_that_is_nobodys_own_joins_nobody(account: str) -> None:
    assert not is_personal(account)
    assert identities([person("a:1", account), person("b:1", account)]) == {"a:1": "a:1", "b:1": "b:1"}


@pytest.mark.parametrize("account", ["email:ann@x.example", "github:root", "email:7+ann@users.noreply.x.example"])
def test_a_key_of_ones_own_joins(account: str) -> None:
    assert is_personal(account)
    assert identities([person("a:1", account), person("b:1", account)]) == {"a:1": "a:1", "b:1": "a:1"}


@given(records, st.randoms())
def test_the_order_of_the_records_makes_no_difference(people: list[Person], random: object) -> None:
    shuffled = list(people)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert identities(shuffled) == identities(people)


@given(records)
def test_two_records_are_one_person_exactly_when_a_chain_of_keys_joins_them(people: list[Person]) -> None:
    person_of = identities(people)
    reached = {record.id: {record.id} for record in people}
    for _ in people:  # as many steps as the longest chain can have
        for one in people:
            for other in people:
                if one.audience == other.audience and set(one.accounts) & set(other.accounts):
                    reached[one.id] |= reached[other.id]
    assert person_of == {id: min(same) for id, same in reached.items()}


@given(records)
def test_taking_a_key_back_undoes_what_it_joined(people: list[Person]) -> None:
    without = [replace(record, accounts=()) for record in people]
    assert identities(without) == {record.id: record.id for record in people}


def test_a_merged_person_has_the_first_word_of_every_field_and_all_of_every_list() -> None:
    one = Person(id="a:1", source="a", title="Engineer", skills=("pumps",), groups=("a:lab",), audience=ORGANISATION)
    two = Person(id="b:1", source="b", name="Ann", title="Boss", skills=("glue", "pumps"), judged=False, left_at=MAY)
    person = merged([two, one])
    assert (person.id, person.source, person.name, person.title) == ("a:1", "a", "Ann", "Engineer")
    assert person.skills == ("pumps", "glue")
    assert person.groups == ("a:lab",)
    assert person.audience == ORGANISATION
    assert person.judged is False


def test_a_person_is_hidden_when_one_record_is_and_gone_when_a_source_says_so_in_all_of_its_records() -> None:
    stays = Person(id="a:1", source="a", hidden=True)
    left = Person(id="b:1", source="b", left_at=MAY)
    assert merged([stays, left]).hidden
    assert merged([stays, left]).left_at == MAY  # the silence of one source does not cancel what another says
    assert merged([replace(left, id="b:2", left_at=None), left]).left_at is None  # which the same source can
    assert merged([replace(stays, left_at=JUNE), left]).left_at == JUNE
    assert merged([left]).judged is None


def test_a_name_that_several_persons_carry_is_told_and_one_persons_records_are_not() -> None:
    people = [
        person("a:1", "k:1", name="Ann Aalto"),
        person("b:1", "k:1", name="Ann Aalto"),
        person("c:1", name="ann  AALTO"),
        person("d:1", name="Bob"),
        person("e:1"),
        person("f:1"),
    ]
    assert ambiguous_names(people, identities(people)) == {"ann aalto": ("a:1", "c:1")}


# --- what forbids a join ---------------------------------------------------------------------------------------------

HR = Source(id="hr", audience=ORGANISATION, directory=True)
FORUM = Source(id="forum", audience=ORGANISATION)
DESK = "email:desk@x.example"


def test_two_numbers_are_two_humans_whatever_else_is_common() -> None:
    people = [person("hr:1", "employee:1", DESK), person("hr:2", "employee:2", DESK)]
    assert identities(people) == {"hr:1": "hr:1", "hr:2": "hr:2"}
    assert identities([*people, person("wiki:x", DESK)]) == {"hr:1": "hr:1", "hr:2": "hr:2", "wiki:x": "wiki:x"}


def test_two_handles_in_one_source_are_two_humans_and_in_two_sources_may_be_one() -> None:
    same, other = person("a:1", "chat:ann", DESK), person("a:2", "chat:bob", DESK)
    assert len(set(identities([same, other]).values())) == 2
    assert len(set(identities([same, replace(other, id="b:2", source="b")]).values())) == 1


def test_one_number_joins_two_accounts_with_handles_of_their_own() -> None:
    people = [person("hr:1", "employee:1", "ad:nora"), person("hr:2", "employee:1", "ad:nora-adm")]
    assert len(set(identities(people).values())) == 1


def test_a_chain_that_would_join_two_numbers_joins_nobody() -> None:
    people = [
        person("a:1", "employee:1", "email:a@x.example"),
        person("b:1", "email:a@x.example", "email:b@x.example"),
        person("c:1", "employee:2", "email:b@x.example"),
    ]
    assert len(set(identities(people).values())) == 3


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_a_key_of_more_than_three_differently_named_records_is_nobodys(number: int) -> None:
    people = [person(f"s:{i}", DESK, name=f"Name Number{i}") for i in range(number)]
    assert len(set(identities(people).values())) == (1 if number <= 3 else number)
    same = [person(f"s:{i}", DESK, name=("Ann Aalto", "aalto, ANN", "Ann Aalto (admin)")[i % 3]) for i in range(number)]
    assert len(set(identities(same).values())) == 1


MAILBOXES = ["info", "reception", "empfang", "team-nord", "line3", "lager", "labor_2", "office", "kontakt", "shift.b"]


@given(st.sampled_from(MAILBOXES), st.permutations(["Kai Aigner", "Lara Bauer", "Mats Celik", "Jürgen Österle"]))
def test_a_mailbox_that_strangers_of_one_source_have_is_nobodys(mailbox: str, names: list[str]) -> None:
    key = f"email:{mailbox}@x.example"
    for number in (2, 3):
        people = [person(f"s:{i}", key, name=name) for i, name in enumerate(names[:number])]
        assert len(set(identities(people).values())) == number
    assert (
        len(
            set(
                identities(
                    [person("s:0", "phone:+49", name=names[0]), person("s:1", "phone:+49", name=names[1])]
                ).values()
            )
        )
        == 2
    )
    named = names[0].split()
    own = [
        f"{named[0]}.{named[1]}",
        f"{named[0][0]}{named[1]}",
        f"{named[1]}{named[0][:2]}",
        f"{named[0][:3]}{named[1][:3]}",
    ]
    for mailbox_of_one in own:
        plain = mailbox_of_one.lower().replace("ü", "ue").replace("ö", "oe")
        people = [person(f"s:{i}", f"email:{plain}@x.example", name=name) for i, name in enumerate(names[:2])]
        assert len(set(identities(people).values())) == 1, plain
    married = [
        person("s:0", key, name="Lara Bauer"),
        person("s:1", key, name="Lara Meier"),
        person("s:2", key, name="lara"),
    ]
    assert len(set(identities(married).values())) == 1


@given(
    st.sampled_from([("hr", 1), ("it", 1), ("qa", 1), ("lab", 2), ("lab", 1), ("info", 2), ("desk", 2), ("sales", 2)]),
    st.text("abcdefgh", min_size=3, max_size=6),
    st.text("abcdefgh", min_size=3, max_size=6),
)
def test_a_team_s_mailbox_that_begins_like_two_names_is_still_nobodys(
    word: tuple[str, int], one: str, two: str
) -> None:
    mailbox, cut = word
    likely = f"{mailbox[:cut]}{one} {mailbox[cut:]}{two}".title()
    people = [person(f"s:{i}", f"email:{mailbox}@x.example", name=name) for i, name in enumerate([likely, "Ove Zorn"])]
    assert len(set(identities(people).values())) == 2


@pytest.mark.parametrize(
    ("mailbox", "name"),
    [("quality", "Ali Demir"), ("planning", "Ann Aalto"), ("parts", "Art Moe"), ("service", "Vic Lund")],
)
def test_a_team_s_mailbox_with_the_letters_of_a_name_in_it_is_still_nobodys(mailbox: str, name: str) -> None:
    people = [person(f"s:{i}", f"email:{mailbox}@x.example", name=each) for i, each in enumerate([name, "Ove Zorn"])]
    assert len(set(identities(people).values())) == 2


def test_an_erasure_takes_no_key_of_a_mailbox_that_strangers_share() -> None:
    people = [
        person("hr:1", "email:info@x.example", name="Kai Aigner"),
        person("hr:2", "email:info@x.example", name="Lara Bauer"),
    ]
    found = humans(people, (HR,)).belongings(people, "hr:1")
    assert (found.records, found.keys) == (("hr:1",), ())


def test_a_key_that_strangers_type_stays_its_owners() -> None:
    owner = [person("hr:1", "employee:1", "email:ann@x.example", name="Ann Aalto"), person("hr:2", "employee:2")]
    strangers = [person(f"forum:{i}", "email:ann@x.example", name=f"Troll Number{i}") for i in range(5)]
    friend = person("hr:3", "email:ann@x.example", name="Ann Aalto")
    found = identities([*owner, friend, *strangers], HR, FORUM)
    assert found["hr:1"] == found["hr:3"] == "hr:1"
    assert all(found[one.id] == one.id for one in strangers)


def test_who_says_to_be_two_humans_is_neither_and_does_not_make_them_one() -> None:
    people = [
        person("hr:1", "employee:1", "email:a@x.example"),
        person("hr:2", "email:b@x.example"),
        person("forum:x", "email:a@x.example", "email:b@x.example"),
    ]
    assert len(set(identities(people, HR, FORUM).values())) == 3


def test_a_record_that_hides_itself_hides_no_other_unless_it_is_a_directorys() -> None:
    ann, stranger = person("hr:1", DESK), replace(person("forum:x", DESK), hidden=True)
    assert identities([ann, stranger], HR, FORUM) == {"hr:1": "hr:1", "forum:x": "forum:x"}
    assert len(set(identities([replace(ann, hidden=True), replace(stranger, hidden=False)], HR, FORUM).values())) == 1
    # What a person wishes follows every join.
    assert len(set(identities([ann, stranger], HR, FORUM, hides={"forum:x"}).values())) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("4711+vil@users.noreply.github.com", "4711+rask@users.noreply.github.com"),
        ("12-vil@users.noreply.gitlab.com", "vil@users.noreply.gitlab.com"),
        ("12-vil@users.noreply.gitlab.com", "12-v.rask@users.noreply.gitlab.com"),
        ("vil@noreply.codeberg.org", "VIL@noreply.codeberg.org"),
        ("12+vil@users.noreply.git.firm.example", "vil@users.noreply.git.firm.example"),
        ("12-vil@users.noreply.gitlab.firm.example", "12-v.rask@users.noreply.gitlab.firm.example"),
    ],
)
def test_an_account_of_a_forge_is_known_by_its_number_and_by_its_name(one: str, other: str) -> None:
    records = [person("git:1", f"email:{one}", name="Vilma Rask"), person("git:2", f"email:{other}", name="Vilma Rask")]
    assert len(set(identities(records).values())) == 1
    login = other.partition("@")[0].removeprefix("4711+").removeprefix("12-").removeprefix("12+")
    for akin in ("Vilma", "Vilma Olsen", "Rask, Vilma K.", login):
        assert len(set(identities([records[0], replace(records[1], name=akin)]).values())) == 1, akin
    stranger = replace(records[1], name="Wolf Selm")
    assert len(set(identities([records[0], stranger]).values())) == (1 if one.lower() == other.lower() else 2)
    apart = person("git:2", f"email:{other.replace('vil', 'wolf').replace('12', '13')}", name="Vilma Rask")
    other_account = person("git:1", "email:99+x@users.noreply.github.com", name="Vilma Rask")
    assert len(set(identities([other_account, apart]).values())) == 2


def test_private_addresses_of_github_name_the_account_where_the_names_agree() -> None:
    one = person("git:1", "email:4711+vil@users.noreply.github.com", name="Vilma Rask")
    two = person("git:2", "email:vil@users.noreply.github.com", name="Vilma Rask")
    assert len(set(identities([one, two]).values())) == 1
    assert len(set(identities([one, replace(two, name="Wolf Selm")]).values())) == 2
    assert len(set(identities([one, person("hr:1", "github:vil", name="Vilma Rask")]).values())) == 1


# --- what a join gives -----------------------------------------------------------------------------------------------


def test_a_join_gives_no_group_and_denies_as_every_record() -> None:
    ann = replace(person("hr:1", DESK), groups=("hr:board",))
    stranger = replace(person("forum:x", DESK), groups=("forum:mods",))
    for sources in ((), (HR, FORUM)):
        rights = humans([ann, stranger], sources).rights
        assert rights["hr:1"].groups == ("hr:board",)
        assert rights["forum:x"].groups == (() if sources else ("forum:mods",))
        assert {*rights["forum:x"].denied_as, *rights["forum:x"].groups} == {"hr:1", "hr:board", "forum:mods"}


def test_name_accounts_and_leaving_are_what_the_directory_says_and_skills_are_everybodys() -> None:
    ann = replace(person("hr:1", DESK, name="Ann Aalto"), left_at=MAY, skills=("pumps",))
    stranger = replace(
        person("forum:x", DESK, "chat:x", name="The Boss"), title="CEO", bio="Me.", left_at=None, skills=("glue",)
    )
    who = humans([ann, stranger], (HR, FORUM))
    (whole,) = who.people([stranger, ann])
    assert (whole.id, whole.name, whole.title, whole.bio, whole.left_at) == ("hr:1", "Ann Aalto", "", "", MAY)
    assert (whole.accounts, whole.skills) == ((DESK,), ("pumps", "glue"))


def test_what_is_proven_fills_what_the_directory_does_not_say() -> None:
    ann, wiki = person("hr:1", "employee:1", name="Ann Aalto"), person("wiki:1", "employee:1", name="ann")
    wiki = replace(wiki, title="Engineer", left_at=MAY)
    (whole,) = humans([ann, wiki], (HR, Source(id="wiki", proves=("employee",)))).people([ann, wiki])
    assert (whole.name, whole.title, whole.left_at) == ("Ann Aalto", "Engineer", None)


def test_joins_of_differently_named_records_are_told() -> None:
    people = [person("a:1", DESK, name="Ann Aalto"), person("b:1", DESK, name="Ann Berg"), person("c:1", DESK)]
    (join,) = humans(people).joins
    assert (join.key, join.records, join.proven) == (DESK, ("a:1", "b:1", "c:1"), False)
    assert not humans([people[0], replace(people[1], name="AALTO Ann")]).joins


@pytest.mark.parametrize(
    ("said", "others"),
    [
        ("employee:2501", ("employee:0002501", "employee:2501.0", "Personnel: 2501", "employee_id:02501")),
        (
            "phone:+4722334455",
            ("phone:+47 22 33 44 55", "tel:0047-22334455", "phone:+47 (0)22/334455", "mobile:+47.2233.4455"),
        ),
        (
            "email:ann@x.example",
            ("SMTP:Ann@x.example", "email:mailto:ann@x.example", "mail:Ann Aalto <ann@x.example>", "ann@x.example"),
        ),
    ],
)
def test_a_key_is_the_same_however_programs_write_it(said: str, others: tuple[str, ...]) -> None:
    assert key_of(said) == said
    assert {key_of(other) for other in others} == {said}


@pytest.mark.parametrize("kind", ["employee", "idp", "email", "phone"])
@pytest.mark.parametrize("none", ["0", "000000", "n/a", "NULL", "-", "extern", "unknown"])
def test_what_stands_for_no_key_joins_nobody(kind: str, none: str) -> None:
    assert not is_personal(f"{kind}:{none}")


@pytest.mark.parametrize("kind", ["github", "slack", "chat", "x500"])
def test_what_stands_for_no_login_joins_nobody_and_a_short_login_does(kind: str) -> None:
    for none in ("n/a", "NULL", "-", "none", "unknown", "(null)", "nan", "?"):
        people = [person("a:1", f"{kind}:{none}", name="Ann Aalto"), person("b:1", f"{kind}: {none}", name="Ben Berg")]
        assert len(set(humans(people).identity.values())) == 2, none
    for login in ("x", "na", "xx", "dummy"):
        assert is_personal(f"{kind}:{login}")


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        (("Ann Aalto", "ann+git@firm.example"), ("Ann Aalto", "ann@firm.example"), True),
        (("Ann Aalto", "ann+git@firm.example"), ("Ann Aalto", "ann+list@firm.example"), True),
        (("Ann Aalto", "office+git@firm.example"), ("Ben Berg", "office@firm.example"), False),
        (("Ann Aalto", "office+ann@firm.example"), ("Ben Aalto", "office+ben@firm.example"), False),
        (("Ann Aalto", "office+ann@firm.example"), ("Ben Aalto", "office@firm.example"), False),
        (("Ann Aalto", "ann+git@firm.example"), ("Ann Maria Aalto", "ann@firm.example"), True),
        (("Sam Lee", "11+samlee@users.noreply.github.com"), ("Kit Lee", "12+samlee@users.noreply.github.com"), False),
        (("Sam Lee", "11+samlee@users.noreply.github.com"), ("Sam Lee", "12+samlee@users.noreply.github.com"), True),
        (("Sam Lee", "11+samlee@users.noreply.github.com"), ("Samuel Lee", "11+sam@users.noreply.github.com"), True),
        (("Zoe Adam", "99+zoe@noreply.git.firm.example"), ("Zoe Adam", "zoe@noreply.git.firm.example"), True),
    ],
)
def test_addresses_with_tags_and_private_ones_are_one_human_where_names_and_numbers_agree(
    one: tuple[str, str], other: tuple[str, str], joined: bool
) -> None:
    people = [person(f"git:{mail}", f"email:{mail}", name=name) for name, mail in (one, other)]
    who = humans(people).identity
    assert (len(set(who.values())) == 1) == joined


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("佐藤健一", "鈴木花子", True),
        ("佐藤健一", "佐藤 健一", False),
        ("김철수", "이영희", True),
        ("佐藤健一", "Kenichi Sato", False),
        ("王伟", "李娜", True),
    ],
)
def test_a_mailbox_of_two_names_without_blanks_is_shared(one: str, other: str, shared: bool) -> None:
    people = [person("a:1", "email:line5@x.example", name=one), person("a:2", "email:line5@x.example", name=other)]
    assert (humans(people).identity["a:1"] != humans(people).identity["a:2"]) == shared


@pytest.mark.parametrize(
    ("said", "meant"),
    [("Ann@X.example", "email:ann@x.example"), ("mail: A@x", "email:a@x"), ("GitHub:Ada", "github:ada"), ("7", "7")],
)
def test_an_account_is_compared_by_its_kind_and_in_lower_case(said: str, meant: str) -> None:
    assert key_of(said) == meant


# --- what people decide ----------------------------------------------------------------------------------------------


def test_what_a_person_decides_outweighs_every_key() -> None:
    ann, bob = person("a:1", "employee:1", name="Ann"), person("b:1", "employee:2", name="Bob")
    assert identities([ann, bob], decisions=[Decision("join", "b:1", "a:1")]) == {"a:1": "a:1", "b:1": "a:1"}
    same = replace(bob, accounts=ann.accounts)
    assert len(set(identities([ann, same]).values())) == 1
    assert len(set(identities([ann, same], decisions=[Decision("part", "a:1", "b:1")]).values())) == 2


def test_an_author_is_known_by_an_account_key_or_by_what_a_person_decided() -> None:
    who = humans(
        [person("hr:1", "email:ann@x.example", "github:ann"), person("hr:2", "wiki:bob")],
        decisions=[Decision("join", "wiki:Annie", "hr:1")],
    )
    for name in ("wiki:Ann@x.example", "chat:github:ann", "git:ann@users.noreply.github.com", "wiki:Annie", "hr:1"):
        assert who.author(name) == "hr:1", name
    assert who.author("wiki:bob") == "hr:2"
    away = replace(person("hr:0"), hidden=True)
    assert humans([away, person("hr:1", "email:ann@x.example")], [HR]).author("wiki:ann@x.example") == "hr:1"
    assert who.author("wiki:cem@x.example") is None
    assert "wiki:ann@x.example" not in who.rights
