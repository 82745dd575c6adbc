// Whose first trace is recent, and who has hardly anybody yet?
// Why: Somebody should meet them.
//
// :param days => 180
// :param most => 2
//
// For example:
// | name | unit | first | ties |
// | Bob | Rivers | 2026-09-01T09:00Z | 0 |

MATCH (latest:Post) WHERE latest.at IS NOT NULL WITH max(latest.at) AS now
MATCH (person:Person)-[did:WROTE|ACTED]->() WHERE person.left_at IS NULL AND person.kind IS NULL AND NOT person.hidden
WITH now, person, min(did.at) AS since WHERE since > now - duration({days: $days})
OPTIONAL MATCH (person)-[:WROTE]->(:Post)-[:REPLY_TO]-(:Post)<-[:WROTE]-(other:Person) WHERE other <> person
WITH person, since, collect(DISTINCT other) AS others
OPTIONAL MATCH (person)-[:ACTED]->(:Post)<-[:WROTE]-(author:Person) WHERE author <> person AND NOT author IN others
WITH person, since, size(others) AS others, count(DISTINCT author) AS authors
WITH person, since, others + authors AS ties WHERE ties <= $most
RETURN person.name AS name, person.org_unit AS unit, toString(since) AS first, ties
ORDER BY ties, since DESC, person.id LIMIT 50;
