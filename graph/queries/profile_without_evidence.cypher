// Who names skills and has written nothing that is here?
// Why: The finder has to believe the profile; a source may be missing.
//
// No parameters.
//
// For example:
// | id | name | skills |
// | demo:cleo | Cleo | [river ice] |

MATCH (person:Person) WHERE size(person.skills) > 0 AND person.left_at IS NULL AND person.kind IS NULL
  AND NOT EXISTS { (person)-[:WROTE|ACTED]->() }
RETURN person.id AS id, person.name AS name, person.skills AS skills ORDER BY size(person.skills) DESC, id LIMIT 50;
