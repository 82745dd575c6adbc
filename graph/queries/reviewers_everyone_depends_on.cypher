// Who reviews or approves the work of many?
// Why: Reviewers seldom write, know much, and are a queue when they are away.
//
// :param least => 3
//
// For example:
// | name | unit | authors | reviews |
// | Ann Aalto | Rivers | 17 | 60 |

MATCH (person:Person)-[act:ACTED]->(:Post)<-[:WROTE]-(author:Person)
WHERE act.verb IN ['review', 'approve', 'merge'] AND author <> person AND person.kind IS NULL
WITH person, count(DISTINCT author) AS authors, count(*) AS reviews WHERE authors >= $least
RETURN person.name AS name, person.org_unit AS unit, authors, reviews
ORDER BY authors DESC, reviews DESC, person.id LIMIT 25;
