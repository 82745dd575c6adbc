// Which groups of people answer one another?
// Why: Leiden over who answered whom, one thread and a seed: groups that no list declares.
//
// No parameters.
//
// For example:
// | size | names | unit |
// | 31 | [Ann Aalto, Bob] | Rivers |

CALL gds.graph.drop('expertfinder', false) YIELD graphName RETURN graphName;
MATCH (asker:Person)-[:WROTE]->(:Post)<-[:REPLY_TO]-(:Post)<-[:WROTE]-(person:Person)
WHERE asker <> person AND asker.kind IS NULL AND person.kind IS NULL
WITH asker, person, toFloat(count(*)) AS times
RETURN gds.graph.project('expertfinder', asker, person, {relationshipProperties: {weight: times}}, {undirectedRelationshipTypes: ['*']}) AS graph;
CALL gds.leiden.stream('expertfinder', {relationshipWeightProperty: 'weight', concurrency: 1, randomSeed: 7})
YIELD nodeId, communityId
WITH communityId, gds.util.asNode(nodeId) AS person ORDER BY person.id
WITH communityId, collect(person) AS people WHERE size(people) > 2
RETURN size(people) AS size, [p IN people[0..5] | p.name] AS names,
       [p IN people WHERE p.org_unit IS NOT NULL | p.org_unit][0] AS unit
ORDER BY size DESC, names;
CALL gds.graph.drop('expertfinder', false) YIELD graphName RETURN graphName;
