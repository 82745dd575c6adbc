"""Directories as files: whoever is in a SCIM list, an LDIF file or JSON-LD is read as it says, and as what it says."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scim2_models import EnterpriseUser, ListResponse, User
from tests.sources.examples import example, reader_of

from expertfinder.errors import SourceError
from expertfinder.ingest import How, ingest
from expertfinder.model import Person
from expertfinder.sources import CsvReader, Withdrawal, declared
from expertfinder.sources.mapping import read_mapping, shipped_mappings
from expertfinder.store import open_store

PEOPLE = 240
"""People of a drawn directory: more than the two hundred that are to be compared."""
FIRST = ("Ann", "Bob", "Cem", "Dora", "Eva", "Zoë", "Jürgen", "Łucja", "Ayşe", "Nguyễn", "李", "Олена")
LAST = ("Example", "Muster", "O'Hara", "de la Cruz", "Smith-Jones", "Ångström", "Kowalski, PhD")


@dataclass(frozen=True)
class Drawn:
    """Somebody of a directory, as the test draws them."""

    id: str
    name: str
    title: str
    unit: str
    town: str
    mail: str
    number: str
    manager: str
    groups: tuple[str, ...]
    left: datetime | None
    machine: bool


def drawn(seed: int, *, people: int = PEOPLE) -> list[Drawn]:
    rng = random.Random(seed)
    return [
        Drawn(
            id=f"u{n}",
            name=f"{rng.choice(FIRST)} {rng.choice(LAST)} {n}",
            title=rng.choice(("Engineer of very long titles " * 6, "Fitter", "Prüferin", "")).strip(),
            unit=rng.choice(("Pumps", "Field: service", "Lacke", "")),
            town=rng.choice(("Wien", "Graz", "São Paulo", "")),
            mail=f"u{n}@factory.example" if rng.random() < 0.8 else "",
            number=str(1000 + n) if rng.random() < 0.7 else "",
            manager=f"u{rng.randrange(people)}" if rng.random() < 0.6 else "",
            groups=tuple(f"g{g}" for g in range(4) if rng.random() < 0.3),
            left=datetime(2020, 1 + n % 12, 1 + n % 28, 9, 30, tzinfo=UTC) if rng.random() < 0.15 else None,
            machine=rng.random() < 0.05,
        )
        for n in range(people)
    ]


def as_scim(people: list[Drawn]) -> str:
    core, work = "urn:ietf:params:scim:schemas:core:2.0:", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    users = [
        {
            "schemas": [f"{core}User", work],
            "id": one.id,
            "userName": one.id,
            "displayName": one.name,
            "title": one.title or None,
            "userType": "Service" if one.machine else "Employee",
            "active": one.left is None,
            "emails": [{"value": one.mail, "primary": True}] if one.mail else [],
            "addresses": [{"type": "home", "locality": "Nowhere"}, {"type": "work", "locality": one.town or None}],
            work: {
                "employeeNumber": one.number or None,
                "department": one.unit or None,
                **({"manager": {"value": one.manager}} if one.manager else {}),
            },
            "meta": {
                "resourceType": "User",
                "lastModified": one.left.isoformat() if one.left else "2024-05-05T00:00:00Z",
            },
        }
        for one in people
    ]
    groups = [
        {
            "schemas": [f"{core}Group"],
            "id": group,
            "displayName": group,
            "members": [{"value": one.id, "type": "User"} for one in people if group in one.groups],
        }
        for group in ("g0", "g1", "g2", "g3")
    ]
    message = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
    return json.dumps({"schemas": [message], "totalResults": len(people), "Resources": [*users, *groups]})


def as_ldif(people: list[Drawn]) -> str:
    """With lines folded anywhere, and base64 where RFC 2849 wants it."""

    def line(name: str, value: str) -> str:
        safe = value.isascii() and not value.startswith((" ", ":", "<"))
        whole = f"{name}: {value}" if safe else f"{name}:: {base64.b64encode(value.encode()).decode()}"
        return "\n ".join(whole[at : at + 60] for at in range(0, len(whole), 60))

    entries = []
    for one in people:
        place = "Service Accounts" if one.machine else "People"
        values = {
            "cn": one.name,
            "title": one.title,
            "ou": one.unit,
            "l": one.town,
            "mail": one.mail,
            "employeeNumber": one.number,
            "manager": f"uid={one.manager}, ou=People,dc=factory" if one.manager else "",
            "nsAccountLock": "TRUE" if one.left else "",
            "modifyTimestamp": one.left.strftime("%Y%m%d%H%M%SZ") if one.left else "20240505000000Z",
        }
        head = [f"dn: uid={one.id},ou={place},dc=factory", "objectClass: inetOrgPerson", f"uid: {one.id}"]
        entries.append("\n".join([*head, *(line(name, value) for name, value in values.items() if value)]))
    for group in ("g0", "g1", "g2", "g3"):
        members = [
            f"member: uid={one.id},ou={'Service Accounts' if one.machine else 'People'},dc=factory"
            for one in people
            if group in one.groups
        ]
        entries.append("\n".join([f"dn: cn={group},dc=factory", "objectClass: groupOfNames", *members]))
    return "\n\n".join(["version: 1", *entries, ""])


def as_jsonld(people: list[Drawn]) -> str:
    return json.dumps(
        [
            {
                "@context": "https://schema.org",
                "@type": "Person",
                "@id": one.id,
                "name": one.name,
                "jobTitle": one.title,
                "email": f"mailto:{one.mail}" if one.mail else None,
                "workLocation": {"@type": "Place", "name": one.town} if one.town else None,
                "worksFor": {
                    "@type": "EmployeeRole",
                    "endDate": one.left.isoformat() if one.left else None,
                    "worksFor": {"@type": "Organization", "name": one.unit},
                },
            }
            for one in people
        ]
    )


FORMS: dict[str, tuple[str, Callable[[list[Drawn]], str]]] = {
    "scim": ("people.json", as_scim),
    "ldif": ("people.ldif", as_ldif),
    "schema-org": ("people.jsonld", as_jsonld),
}
forms = pytest.mark.parametrize("name", FORMS)


def written(folder: Path, name: str, people: list[Drawn]) -> Path:
    file, form = FORMS[name]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(form(people), encoding="utf-8")
    return folder / file


def people_of(name: str, path: Path) -> dict[str, Person]:
    return {fact.id.partition(":")[2]: fact for fact in reader_of(name)(path).facts() if isinstance(fact, Person)}


@forms
def test_everybody_of_a_directory_is_read_as_the_directory_says(name: str, tmp_path: Path) -> None:
    people = drawn(7)
    found = people_of(name, written(tmp_path, name, people))
    assert found.keys() == {one.id for one in people}
    group = {"scim": "{}", "ldif": "cn={},dc=factory"}.get(name, "")
    for one in people:
        person = found[one.id]
        keys = [f"email:{one.mail}"] if one.mail else []
        keys += [f"employee:{one.number}"] if one.number and name != "schema-org" else []
        told = (one.name, one.title, one.unit, one.town, tuple(keys), one.left)
        assert (person.name, person.title, person.org_unit, person.location, person.accounts, person.left_at) == told
        if name == "schema-org":
            continue
        manager = next((m for m in people if m.id == one.manager), None)
        lost = name == "ldif" and manager is not None and manager.machine  # its entry has another name
        assert lost or person.manager == (f"shop:{one.manager}" if one.manager else "")
        assert sorted(person.groups) == [f"shop:{group.format(each)}" for each in one.groups]
        assert person.kind == ("machine" if one.machine else "person")


def test_what_the_models_of_scim_read_is_what_we_read(tmp_path: Path) -> None:
    path = written(tmp_path, "scim", drawn(8))
    users = json.loads(path.read_text())
    users["Resources"] = [each for each in users["Resources"] if "userName" in each]
    listed = ListResponse[User[EnterpriseUser]].model_validate(users)
    found = people_of("scim", path)
    assert len(listed.resources or []) == PEOPLE
    for user in listed.resources or []:
        work = user[EnterpriseUser]
        person = found[str(user.id)]
        assert (person.name, person.title) == (user.display_name, user.title or "")
        assert (person.left_at is None) == user.active
        assert work is None or person.org_unit == (work.department or "")


@forms
def test_a_newer_directory_is_as_if_it_had_come_first(name: str, tmp_path: Path) -> None:
    older = written(tmp_path / "older", name, drawn(9))
    newer = written(tmp_path / "newer", name, drawn(10, people=PEOPLE - 40))
    past, fresh = open_store(tmp_path / "past.db"), open_store(tmp_path / "fresh.db")
    try:
        make = reader_of(name)
        directory = How(directory=True, complete=True, many=True)
        assert ingest(past, make(older), how=How(directory=True)).kinds["person"].added == PEOPLE
        before = past.sequence()
        ingest(past, make(older), how=directory)
        assert past.sequence() == before
        assert ingest(past, make(newer), how=directory).missing == {"person": 40}
        ingest(fresh, make(newer), how=How(directory=True))
        assert {row.id: row.body for row in past.kept("person")} == {row.id: row.body for row in fresh.kept("person")}
    finally:
        past.close()
        fresh.close()


# --- SCIM ------------------------------------------------------------------------------------------------------------


def test_members_of_a_group_in_a_group_are_in_both() -> None:
    ann = people_of("scim", example("scim"))["u1"]
    assert set(ann.groups) == {"shop:g-seals", "shop:g-all"}


def test_groups_that_hold_each_other_end(tmp_path: Path) -> None:
    path = tmp_path / "loop.json"
    loop = [{"id": a, "members": [{"value": b}]} for a, b in (("g", "h"), ("h", "g"), ("h", "u"))]
    user = {"userName": "ann", "id": "u"}
    path.write_text(json.dumps([*loop, user]))
    assert set(people_of("scim", path)["u"].groups) == {"shop:g", "shop:h"}


def test_a_home_address_is_nobody_elses() -> None:
    assert "email:ann@home.example" not in people_of("scim", example("scim"))["u1"].accounts


# --- LDIF ------------------------------------------------------------------------------------------------------------


def ldif(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "x.ldif"
    path.write_text(text, encoding="utf-8")
    return path


PERSON = "dn: uid=ann,dc=x\nobjectClass: person\nuid: ann\ncn: Ann\n"


def test_an_address_of_a_file_is_never_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("Secret Title")
    path = ldif(tmp_path, f"{PERSON}title:< file://{secret}\n")
    reader = reader_of("ldif")(path)
    (ann,) = [fact for fact in reader.facts() if isinstance(fact, Person)]
    assert ann.title == ""
    assert reader.counts.skipped["values that are addresses of files, which are never opened"] == 1


def test_somebody_who_is_deleted_goes(tmp_path: Path) -> None:
    path = ldif(tmp_path, f"{PERSON}\ndn: UID=ann, DC=x\nchangetype: delete\n")
    assert list(reader_of("ldif")(path).facts())[-1] == Withdrawal("person", "shop:ann")


@pytest.mark.parametrize(
    "change", ["modify\nreplace: title\ntitle: x\n-\n", "modrdn\nnewrdn: uid=b\ndeleteoldrdn: 1\n"]
)
def test_a_change_of_single_values_is_refused_in_words(tmp_path: Path, change: str) -> None:
    path = ldif(tmp_path, f"{PERSON}\ndn: uid=ann,dc=x\nchangetype: {change}")
    with pytest.raises(SourceError, match=r"line 6, field changetype: .*export the entries"):
        list(reader_of("ldif")(path).facts())


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ("userAccountControl: 512", False),
        ("userAccountControl: 514", True),
        ("userAccountControl: 51³", False),
        ("nsAccountLock: false", False),
        ("nsAccountLock: TRUE", True),
        ("pwdAccountLockedTime: 000001010000Z", True),
        ("pwdAccountLockedTime: 20240101000000Z", False),
        ("accountExpires: 0", False),
        ("accountExpires: 9223372036854775807", False),
        ("accountExpires: 133485408000000000", True),
    ],
)
def test_an_account_that_is_closed_is_somebody_who_left(tmp_path: Path, lines: str, left: bool) -> None:
    (ann,) = people_of("ldif", ldif(tmp_path, f"{PERSON}{lines}\n")).values()
    assert (ann.left_at is not None) == left


def test_two_groups_of_one_name_are_two_groups(tmp_path: Path) -> None:
    groups = "".join(
        f"\ndn: cn=leads,ou={ou},dc=x\nobjectClass: groupOfNames\nmember: uid={who},dc=x\n"
        for ou, who in (("a", "ann"), ("b", "bob"))
    )
    found = people_of("ldif", ldif(tmp_path, PERSON + "\n" + PERSON.replace("ann", "bob") + groups))
    assert set(found["ann"].groups).isdisjoint(found["bob"].groups)


# --- tables ----------------------------------------------------------------------------------------------------------


def test_every_preset_of_people_reads_its_export(tmp_path: Path) -> None:
    """The columns are those that each vendor's documentation names."""
    for name, (header, row, expected) in TABLES.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(f"{header}\n{row}\n", encoding="utf-8")
        reader = CsvReader(path, source=declared("hr", audience="organisation"), mapping=read_mapping(Path(name)))
        (person,) = [fact for fact in reader.facts() if isinstance(fact, Person)]
        found = {field: getattr(person, field) for field in expected}
        assert found == expected, name
    assert TABLES.keys() <= set(shipped_mappings())


TABLES: dict[str, tuple[str, str, dict[str, object]]] = {
    "sharepoint-profiles": (
        "AccountName,PreferredName,WorkEmail,SPS-JobTitle,Department,Office,Manager,AboutMe,SPS-Skills,"
        "SPS-Responsibility",
        "i:0#.f|membership|ann@factory.example,Ann Example,ann@factory.example,Engineer,Pumps,Wien,"
        "i:0#.f|membership|bob@factory.example,<p>Seals.</p>,gaskets|pumps,winter|frost",
        {
            "id": "hr:i:0#.f|membership|ann@factory.example",
            "name": "Ann Example",
            "title": "Engineer",
            "org_unit": "Pumps",
            "location": "Wien",
            "manager": "hr:i:0#.f|membership|bob@factory.example",
            "bio": "Seals.",
            "skills": ("gaskets", "pumps", "winter", "frost"),
            "accounts": ("email:ann@factory.example",),
        },
    ),
    "workday-workers": (
        "Employee ID,Worker,Business Title,Supervisory Organization,Location,Email - Primary Work,"
        "Manager - Employee ID,Hire Date,Termination Date,Skills",
        '7,Ann Example,Engineer,Pumps (Bob),Wien,ann@factory.example,8,2019-03-01,,"gaskets; pumps"',
        {
            "id": "hr:7",
            "name": "Ann Example",
            "title": "Engineer",
            "org_unit": "Pumps (Bob)",
            "manager": "hr:8",
            "skills": ("gaskets", "pumps"),
            "accounts": ("employee:7", "email:ann@factory.example"),
            "joined_at": datetime(2019, 3, 1, tzinfo=UTC),
        },
    ),
    "bamboohr-employees": (
        "Employee #,First Name,Last Name,Job Title,Department,Location,Work Email,Supervisor EID,Hire Date,"
        "Termination Date",
        "7,Ann,Example,Engineer,Pumps,Wien,ann@factory.example,8,2019-03-01,2024-02-29",
        {
            "id": "hr:7",
            "name": "Ann Example",
            "manager": "hr:8",
            "joined_at": datetime(2019, 3, 1, tzinfo=UTC),
            "left_at": datetime(2024, 2, 29, tzinfo=UTC),
        },
    ),
    "personio-employees": (
        "ID,First name,Last name,Email,Position,Department,Office,Supervisor ID,Hire date,Termination date",
        "7,Ann,Example,ann@factory.example,Engineer,Pumps,Wien,8,01.03.2019,",
        {"id": "hr:7", "name": "Ann Example", "org_unit": "Pumps", "manager": "hr:8", "location": "Wien"},
    ),
    "successfactors-users": (
        "USERID,FIRSTNAME,LASTNAME,EMAIL,TITLE,DEPARTMENT,LOCATION,MANAGER,EMPID,HIREDATE,STATUS",
        "annex,Ann,Example,ann@factory.example,Engineer,Pumps,Wien,bobex,7,03/01/2019,active",
        {
            "id": "hr:annex",
            "name": "Ann Example",
            "manager": "hr:bobex",
            "accounts": ("employee:7", "email:ann@factory.example"),
            "joined_at": datetime(2019, 3, 1, tzinfo=UTC),
        },
    ),
    "okta-users": (
        "id,status,profile.login,profile.firstName,profile.lastName,profile.email,profile.title,profile.department,"
        "profile.city,profile.employeeNumber,profile.managerId",
        "00u1,ACTIVE,ann@factory.example,Ann,Example,ann@factory.example,Engineer,Pumps,Wien,7,bob@factory.example",
        {
            "id": "hr:ann@factory.example",
            "name": "Ann Example",
            "manager": "hr:bob@factory.example",
            "accounts": ("employee:7", "email:ann@factory.example"),
        },
    ),
}
