// How many people wrote half of what there is about a tag?
// Why: A small number is a risk; the list says of which topics.
//
// :param least => 5
//
// For example:
// | tag | posts | authors | people |
// | river ice | 40 | 7 | 2 |

MATCH (post:Post)<-[:WROTE]-(person:Person) WHERE person.left_at IS NULL AND person.kind IS NULL
UNWIND post.tags AS tag
WITH tag, person, count(*) AS posts ORDER BY tag, posts DESC, person.id
WITH tag, collect(posts) AS each, sum(posts) AS posts WHERE posts >= $least
WITH tag, posts, size(each) AS authors,
     [n IN range(1, size(each)) WHERE reduce(sum = 0, p IN each[0..n] | sum + p) * 2 >= posts][0] AS people
RETURN tag, posts, authors, people ORDER BY people, posts DESC, tag LIMIT 50;
