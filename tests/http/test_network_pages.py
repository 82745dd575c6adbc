"""The pages of the network as HTML: neighbourhoods, communities, champions, and where such people meet."""

from __future__ import annotations

import re

import pytest
from tests.http.client import Client
from tests.http.conftest import CANARY

from expertfinder.http.pages.drawing.sociogram import EDGE, HEIGHT, LETTER, WIDTH, Figure, Name, Sociogram, sociogram
from expertfinder.recommend.network.meet import Tie

GUILD = "/communities/acme:guild:cluster"


def rows(page: str) -> list[str]:
    """The people in the tables beside the drawings."""
    return re.findall(r'<th scope="row"><a href="/people/([^"?]+)', page)


def test_a_person_has_a_drawing_of_ties_and_a_table_of_the_same(demo_client: Client) -> None:
    page = demo_client.get("/people/acme:ada").text
    assert page.count("<circle") == 2
    assert page.count('<line class="tie"') == 1
    assert rows(page.partition("<h2>Network</h2>")[2]) == ["acme:dana"]
    assert "asks Ada Lind" in page
    assert f'href="{GUILD}"' in page


def test_oneself_is_told_whom_to_meet_and_others_are_not(demo_client: Client) -> None:
    assert 'href="/meet?as=acme%3Afinn"' in demo_client.get("/people/acme:finn?as=acme:finn").text
    for path in ("/people/acme:finn", "/people/acme:finn?as=acme:dana"):
        assert "/meet" not in demo_client.get(path).text
    mine = demo_client.get("/meet?as=acme:finn").text
    assert "Ada Lind" in mine.partition("Beyond those you know")[2].partition("</section>")[0]
    assert "choose on the search page whom to look as" in demo_client.get("/meet").text


def test_the_first_circle_is_of_people_whom_one_may_find(demo_client: Client) -> None:
    circle = {
        eyes: demo_client.get(f"/meet?as=acme:{eyes}").text.partition("Your first circle")[2]
        for eyes in ("cleo", "ben")
    }
    assert "Dana Ruiz" in circle["cleo"]
    assert "Ivo Unseen" in circle["cleo"]  # she is of the group that may find him
    assert circle["ben"] == ""


def test_the_communities_are_those_of_the_viewer(demo_client: Client) -> None:
    everybodys, danas = (demo_client.get(f"/communities{eyes}").text for eyes in ("", "?as=acme:dana"))
    assert "Cluster guild" in everybodys
    assert CANARY not in everybodys
    assert f"The {CANARY} room" in danas
    assert f'href="{GUILD}?as=acme%3Adana"' in danas


def test_a_question_is_answered_with_communities_and_why(demo_client: Client) -> None:
    page = demo_client.get("/communities", params={"q": "kubernetes ingress"}).text
    assert "1 community to look into" in page
    assert "Its name or description speaks of ingress, kubernetes." in page
    assert "No clear community found" in demo_client.get("/communities", params={"q": "falconry"}).text


def test_a_community_shows_what_binds_it_its_people_and_who_could_carry_it(demo_client: Client) -> None:
    page = demo_client.get(GUILD).text
    assert "Kubernetes, the ingress and the network" in page
    assert '<a href="/topics/kubernetes">kubernetes</a>' in page
    assert rows(page) == ["acme:ada", "acme:dana", "acme:finn"]  # who leads stands first
    assert page.count("<circle") == 3
    assert not [name for name in ("Hana", "Ivo", CANARY) if name in page]
    assert "Ivo Unseen" in demo_client.get(f"{GUILD}?as=acme:dana").text


def test_a_restricted_community_is_a_page_for_its_group_and_nothing_for_others(demo_client: Client) -> None:
    assert CANARY in demo_client.get("/communities/acme:deal?as=acme:dana").text
    hidden, absent = (demo_client.get(f"/communities/acme:{name}") for name in ("deal", "none"))
    assert hidden.status_code == absent.status_code == 404
    told = [one.text.replace(one.headers["x-request-id"], "ID") for one in (hidden, absent)]
    assert told[0] == told[1]


def test_a_set_of_champions_is_drawn_with_whom_it_reaches_and_whom_not(demo_client: Client) -> None:
    page = demo_client.get("/champions", params={"community": "acme:guild:cluster", "size": 1}).text
    assert "1 champion would reach 2 of 3 people (67 %)" in page
    assert 'class="chosen"' in page
    assert page.count('<circle class="unreached"') == 1
    assert "Not yet reached: 1 person" in page
    assert rows(page)[0] == "acme:ada"


@pytest.mark.parametrize("asked", ["community=acme:guild:cluster&topic=x", "size=0", "size=many"])
def test_champions_that_cannot_be_asked_for_are_refused_on_the_page(demo_client: Client, asked: str) -> None:
    response = demo_client.get(f"/champions?{asked}")
    assert response.status_code == 200
    assert "We couldn’t run this search" in response.text


def test_a_unit_that_nobody_is_of_is_said_in_the_form_where_it_can_be_mended(demo_client: Client) -> None:
    response = demo_client.get("/champions?units=Nowhere&size=7")
    assert response.status_code == 200
    assert "<p>There is nobody of this unit for you, or of one of these: name it as profiles do.</p>" in response.text
    assert 'max="50" value="7"' in response.text
    assert demo_client.get("/champions?community=acme:none").status_code == 404


def test_a_set_that_is_full_is_not_said_to_have_nobody_left(demo_client: Client) -> None:
    page = demo_client.get("/champions?size=1&one_per_unit=true").text
    without = page.partition("Units without a champion")[2].partition("<h2>")[0]
    assert "The set is full" in without
    assert "Nobody there could be one" not in without


def test_where_nobody_is_named_it_says_where_such_people_meet(demo_client: Client) -> None:
    nobody = demo_client.get("/", params={"q": "kubernetes", "place": "Nowhere"}).text
    assert "Communities that may help" in nobody
    assert f'href="{GUILD}"' in nobody
    assert (
        "Communities that may help" in demo_client.get("/answer", params={"q": "kubernetes", "place": "Nowhere"}).text
    )
    assert "Communities that may help" not in demo_client.get("/").text


# --- the drawing -----------------------------------------------------------------------------------------------------


def star(others: int, alone: int = 0) -> Sociogram:
    """One person, `others` tied to them, and `alone` tied to nobody."""
    people = [Figure("x:0", "The Middle", "centre")]
    people += [Figure(f"x:{n}", f"Person Number {n}") for n in range(1, others + 1)]
    people += [Figure(f"y:{n}", f"Alone {n}", "unreached") for n in range(alone)]
    return sociogram(people, [Tie("x:0", f"x:{n}", float(n)) for n in range(1, others + 1)])


@pytest.mark.parametrize(("others", "alone"), [(0, 0), (1, 0), (2, 5), (16, 0), (30, 24), (45, 0)])
def test_everybody_stands_inside_the_frame_and_nobody_on_another(others: int, alone: int) -> None:
    drawn = star(others, alone)
    assert len(drawn.dots) == 1 + others + alone
    for dot in drawn.dots:
        assert dot.radius <= dot.x <= WIDTH - dot.radius
        assert dot.radius <= dot.y <= drawn.height - dot.radius
    apart = [
        ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5 - one.radius - other.radius
        for n, one in enumerate(drawn.dots)
        for other in drawn.dots[:n]
    ]
    assert min(apart, default=1.0) > 0


def test_the_one_whose_ties_they_are_stands_in_the_middle() -> None:
    for others in (3, 7, 16):
        middle = star(others).dots[0]
        assert (middle.x, middle.y) == pytest.approx((WIDTH / 2, HEIGHT / 2), abs=25)


def test_lines_join_those_who_are_tied_the_stronger_the_wider() -> None:
    drawn = star(4)
    middle = drawn.dots[0]
    assert [(line.x1, line.y1) for line in drawn.lines] == [(middle.x, middle.y)] * 4
    assert [(line.x2, line.y2) for line in drawn.lines] == [(dot.x, dot.y) for dot in drawn.dots[1:]]
    widths = [line.width for line in drawn.lines]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


def test_the_same_ties_are_drawn_alike_and_ties_of_others_are_not() -> None:
    people = [Figure(f"x:{n}", f"P{n}") for n in range(5)]
    ties = [Tie("x:0", "x:1", 1.0), Tie("x:1", "x:2", 2.0), Tie("x:0", "x:9", 3.0)]
    drawn = sociogram(people, ties, links=[("x:3", "x:4"), ("x:3", "x:8")])
    assert drawn == sociogram(people, ties, links=[("x:3", "x:4"), ("x:3", "x:8")])
    assert [line.kind for line in drawn.lines] == ["tie", "tie", "link"]
    assert drawn.numbers == {f"x:{n}": n + 1 for n in range(5)}


def test_names_lie_on_no_dot_and_on_no_other_name() -> None:
    drawn = star(16)
    assert len(drawn.names) >= 4
    assert drawn.names[0].text == "The Middle"
    boxes = [_box(name) for name in drawn.names]
    for n, (left, top, right, bottom) in enumerate(boxes):
        assert left >= EDGE
        assert right <= WIDTH - EDGE
        for other in boxes[:n]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
        for dot in drawn.dots:
            assert right <= dot.x - dot.radius or dot.x + dot.radius <= left or abs((top + bottom) / 2 - dot.y) > 6


def _box(name: Name) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a name; a little less than it takes, as places are rounded."""
    wide = len(name.text) * LETTER
    left = name.x - wide * {"middle": 0.5, "start": 0.0, "end": 1.0}[name.anchor]
    return left + 0.1, name.y - 8.5, left + wide - 0.1, name.y + 2.5


def test_pairs_who_know_nobody_else_do_not_cover_one_another() -> None:
    """The springs alone draw such a pair together into one dot."""
    people = [Figure(f"x:{n:02}", f"P{n}", "chosen") for n in range(30)]
    ties = [Tie(one.id, other.id, 9.0) for one, other in zip(people[::2], people[1::2], strict=True)]
    dots = sociogram(people, ties).dots
    apart = [
        ((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5 - a.radius - b.radius for a in dots for b in dots if a is not b
    ]
    assert min(apart) > 0
