// Which communities have members in common?
// Why: Two that overlap may want to meet, or to be one.
//
// :param least => 2
//
// For example:
// | first | second | shared |
// | Builders | Divers | 4 |

MATCH (one:Community)<-[:MEMBER_OF]-(person:Person)-[:MEMBER_OF]->(other:Community) WHERE one.id < other.id
WITH one, other, count(DISTINCT person) AS shared WHERE shared >= $least
RETURN one.name AS first, other.name AS second, shared ORDER BY shared DESC, first, second LIMIT 50;
