// Who answers people of another unit?
// Why: Whoever binds two units is missed by both when they go.
//
// :param least => 3
//
// For example:
// | name | unit | people | units |
// | Ann Aalto | Rivers | 14 | [Bridges, Ports] |

MATCH (asker:Person)-[:WROTE]->(question:Post)<-[:REPLY_TO]-(answer:Post)<-[:WROTE]-(person:Person)
WHERE person.org_unit <> asker.org_unit AND NOT person.hidden AND person.kind IS NULL
WITH person, count(DISTINCT asker) AS people, collect(DISTINCT asker.org_unit) AS units
WHERE people >= $least
RETURN person.name AS name, person.org_unit AS unit, people, units
ORDER BY people DESC, person.id LIMIT 25;
