// Who wrote for the first time lately, and has answered or been answered by few?
// Why: Somebody should meet them.
//
// :param days => 180
// :param most => 2
//
// For example:
// | name | unit | first | ties |
// | Bob | Rivers | 2026-09-01T09:00Z | 0 |

MATCH (latest:Post) WHERE latest.at IS NOT NULL WITH max(latest.at) AS now
MATCH (person:Person)-[:WROTE]->(post:Post) WHERE person.left_at IS NULL
WITH now, person, min(post.at) AS since WHERE since > now - duration({days: $days})
OPTIONAL MATCH (person)-[:WROTE]->(:Post)-[:REPLY_TO]-(:Post)<-[:WROTE]-(other:Person) WHERE other <> person
WITH person, since, count(DISTINCT other) AS ties WHERE ties <= $most
RETURN person.name AS name, person.org_unit AS unit, toString(since) AS first, ties
ORDER BY ties, since DESC, person.id LIMIT 50;
