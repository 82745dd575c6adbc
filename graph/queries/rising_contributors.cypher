// Who wrote more in the last half year than in the one before?
// Why: People who are becoming known; ask them early.
//
// :param days => 180
// :param least => 3
//
// For example:
// | name | before | lately |
// | Bob | 1 | 9 |

MATCH (latest:Post) WHERE latest.at IS NOT NULL WITH max(latest.at) AS now
MATCH (person:Person)-[:WROTE]->(post:Post) WHERE post.at > now - duration({days: 2 * $days}) AND person.left_at IS NULL AND person.kind IS NULL
WITH person, count(CASE WHEN post.at > now - duration({days: $days}) THEN 1 END) AS lately, count(*) AS posts
WITH person, lately, posts - lately AS before WHERE lately >= $least AND lately > before
RETURN person.name AS name, before, lately ORDER BY lately - before DESC, person.id LIMIT 25;
