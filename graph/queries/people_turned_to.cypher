// Who is turned to, counting those more who are turned to themselves?
// Why: PageRank over who answered whom: the people a network rests on.
//
// No parameters.
//
// For example:
// | name | unit | score |
// | Ann Aalto | Rivers | 4.213 |

CALL gds.graph.drop('expertfinder', false) YIELD graphName RETURN graphName;
MATCH (asker:Person)-[:WROTE]->(:Post)<-[:REPLY_TO]-(:Post)<-[:WROTE]-(person:Person)
WHERE asker <> person AND asker.kind IS NULL AND person.kind IS NULL
WITH asker, person, toFloat(count(*)) AS times
RETURN gds.graph.project('expertfinder', asker, person, {relationshipProperties: {weight: times}}) AS graph;
CALL gds.pageRank.stream('expertfinder', {relationshipWeightProperty: 'weight', concurrency: 1}) YIELD nodeId, score
WITH gds.util.asNode(nodeId) AS person, score
RETURN person.name AS name, person.org_unit AS unit, round(score, 3) AS score
ORDER BY score DESC, person.id LIMIT 25;
CALL gds.graph.drop('expertfinder', false) YIELD graphName RETURN graphName;
