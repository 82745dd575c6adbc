// Which units are answered by which?
// Why: Shows where help crosses a border, and where it does not.
//
// No parameters.
//
// For example:
// | asks | answers | times |
// | Rivers | Bridges | 31 |

MATCH (asker:Person)-[:WROTE]->(:Post)<-[:REPLY_TO]-(:Post)<-[:WROTE]-(person:Person)
WHERE asker.org_unit IS NOT NULL AND person.org_unit IS NOT NULL AND asker.org_unit <> person.org_unit
RETURN asker.org_unit AS asks, person.org_unit AS answers, count(*) AS times
ORDER BY times DESC, asks, answers LIMIT 50;
