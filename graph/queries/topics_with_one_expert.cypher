// Which tags have one author who is still here?
// Why: What one person alone writes about leaves with them.
//
// :param least => 3
//
// For example:
// | tag | name | posts |
// | bubble gauge | Ann Aalto | 5 |

MATCH (post:Post)<-[:WROTE]-(person:Person)
WHERE person.left_at IS NULL AND person.kind IS NULL UNWIND post.tags AS tag
WITH tag, person, count(*) AS posts
WITH tag, collect({person: person.name, posts: posts}) AS authors, sum(posts) AS posts
WHERE size(authors) = 1 AND posts >= $least
RETURN tag, authors[0].person AS name, posts ORDER BY posts DESC, tag LIMIT 50;
