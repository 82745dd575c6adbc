// Who wrote a lot and names no skill?
// Why: They can be asked to look at what the finder says of them.
//
// :param least => 5
//
// For example:
// | id | name | posts |
// | demo:bob | Bob | 12 |

MATCH (person:Person)-[:WROTE]->(post:Post)
WHERE coalesce(size(person.skills), 0) = 0 AND person.left_at IS NULL AND person.kind IS NULL
WITH person, count(post) AS posts WHERE posts >= $least
RETURN person.id AS id, person.name AS name, posts ORDER BY posts DESC, id LIMIT 50;
