// When was something last posted in each community?
// Why: The quiet ones have nobody who keeps them alive, or meet elsewhere.
//
// No parameters.
//
// For example:
// | name | posts | latest |
// | Builders | 12 | 2026-02-01T09:00Z |

MATCH (community:Community)
OPTIONAL MATCH (community)<-[:POSTED_IN]-(post:Post)
WITH community, max(post.at) AS latest, count(post) AS posts
RETURN community.name AS name, posts, toString(latest) AS latest
ORDER BY latest, name;
