// Which questions has nobody replied to?
// Why: Demand without supply: what people ask and nobody answers.
//
// :param days => 365
//
// For example:
// | id | question | name | since |
// | demo:7 | How do we gauge a river in ice? | Bob | 2026-10-01T09:00Z |

MATCH (latest:Post) WHERE latest.at IS NOT NULL WITH max(latest.at) AS now
MATCH (person:Person)-[:WROTE]->(post:Post {kind: 'question'})
WHERE post.at > now - duration({days: $days}) AND NOT EXISTS { (post)<-[:REPLY_TO]-() }
RETURN post.id AS id, coalesce(post.title, left(post.text, 60)) AS question, person.name AS name, toString(post.at) AS since
ORDER BY post.at DESC, post.id LIMIT 50;
