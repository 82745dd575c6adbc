"""What each tool answers: which fields of the common shapes we work out, and which somebody wrote."""

from __future__ import annotations

from expertfinder.ask.shapes.answers import AnswerOut
from expertfinder.ask.shapes.champions import ChampionsOut
from expertfinder.ask.shapes.communities import CommunitiesOut
from expertfinder.ask.shapes.experts import AssessmentOut, ExplanationOut
from expertfinder.ask.shapes.meet import MeetingOut
from expertfinder.ask.shapes.people import PeopleOut
from expertfinder.http.mcp.told import told


def within(place: str, fields: str) -> str:
    """Paths of fields below a place, separated by commas: `a,b` within `x` gives `x.a,x.b`."""
    return ",".join(f"{place}.{field}" for field in fields.split(","))


CITED = "act,at,contribution,without,rank_without"
REASONS = f"part,value,{within('citations', CITED)}"
PERSON = "id,name,title,org_unit,location"
COMMUNITY = "id,name,description,kind"
RANKED = f"subject.id,role,score,confidence,{within('reasons', REASONS)}"
"""Fields that we work out for a recommended person or community."""
WRITTEN = within("reasons", f"part,text,{within('citations', 'post,title,kind,snippet')}")
"""Fields of a recommendation with words that somebody wrote: also its sentences, which have names of topics."""

RANKING = f"confidence,version,{within('recommendations', RANKED)}"
RANKING_WRITTEN = f"abstained,notes,{within('recommendations.subject', PERSON)},{within('recommendations', WRITTEN)}"
FITTING = within("recommendations", RANKED)
FITTING_WRITTEN = f"{within('recommendations.subject', COMMUNITY)},{within('recommendations', WRITTEN)}"

BESIDE = within("communities", f"{within('subject', COMMUNITY)},{WRITTEN}")

COVERED = within("recommendations.topics", "topic,confidence")
EXPERTS_ANSWER = f"{RANKING},clear,topics,named.id,recommendations.last_seen,{COVERED},{within('communities', RANKED)}"
PEOPLE_ANSWER = "version,people.id,people.left_at"
COMMUNITIES_ANSWER = f"confidence,version,{FITTING},recommendations.subject.size"
CHAMPIONS_ANSWER = f"{RANKING},people,reached,recommendations.adds,recommendations.alone,links.one.id,links.other.id"
MEETING_ANSWER = ",".join(
    [
        "version,subject.id",
        *(within(place, RANKING) for place in ("people", "mentors")),
        within("communities", f"{RANKED},subject.size"),
    ]
)
EXPLANATION_ANSWER = f"version,{within('recommendation', f'{RANKED},last_seen')}"
ASSESSMENT_ANSWER = (
    f"subject.id,score,confidence,nearness,posts,version,{within('reasons', 'part,value')},"
    f"{within('nearest', 'act,at,contribution,without')}"
)
"""Each `..._ANSWER` names the fields that a tool gives as ours; the API gives the same for it as `fields=`."""

EXPERTS = told(
    "Experts",
    AnswerOut,
    answer=EXPERTS_ANSWER,
    untrusted=f"{RANKING_WRITTEN},recommendations.caveat,{within('named', PERSON)},{BESIDE}",
)
PEOPLE = told("People", PeopleOut, answer=PEOPLE_ANSWER, untrusted=within("people", PERSON))
COMMUNITIES = told(
    "Communities", CommunitiesOut, answer=COMMUNITIES_ANSWER, untrusted=f"abstained,notes,{FITTING_WRITTEN}"
)
CHAMPIONS = told(
    "Champions",
    ChampionsOut,
    answer=CHAMPIONS_ANSWER,
    untrusted=f"{RANKING_WRITTEN},{within('links.one', 'id,name')},{within('links.other', 'id,name')}",
)
MEETING = told(
    "Meeting",
    MeetingOut,
    answer=MEETING_ANSWER,
    untrusted=",".join(
        [
            within("subject", PERSON),
            *(within(place, RANKING_WRITTEN) for place in ("people", "mentors")),
            BESIDE,
        ]
    ),
)
EXPLANATION = told(
    "Explanation",
    ExplanationOut,
    answer=EXPLANATION_ANSWER,
    untrusted=within("recommendation", f"{within('subject', PERSON)},caveat,{WRITTEN}"),
)
ASSESSMENT = told(
    "Assessment",
    AssessmentOut,
    answer=ASSESSMENT_ANSWER,
    untrusted=f"{within('subject', PERSON)},{within('reasons', 'part,text')},{within('nearest', 'post,title,kind')}",
)
