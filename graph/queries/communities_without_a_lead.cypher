// Which communities have nobody who leads them, or nobody who is still here?
// Why: Such a community needs a champion.
//
// No parameters.
//
// For example:
// | name | members |
// | Builders | 23 |

MATCH (community:Community) WHERE NOT EXISTS {
  MATCH (community)<-[:LEADS]-(lead:Person) WHERE lead.left_at IS NULL AND lead.kind IS NULL AND NOT lead:Unrecorded }
RETURN community.name AS name, count { (community)<-[:MEMBER_OF]-() } AS members
ORDER BY members DESC, name;
