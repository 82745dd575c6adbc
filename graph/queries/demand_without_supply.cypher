// Which tags are asked about more than they are answered?
// Why: Where to train, to hire, or to write something down.
//
// :param least => 3
//
// For example:
// | tag | asked | answered | open |
// | river ice | 9 | 2 | 7 |

MATCH (question:Post {kind: 'question'}) UNWIND question.tags AS tag
WITH tag, count(*) AS asked, count(CASE WHEN EXISTS { (question)<-[:REPLY_TO]-() } THEN 1 END) AS answered
WHERE asked >= $least
RETURN tag, asked, answered, asked - answered AS open ORDER BY open DESC, asked DESC, tag LIMIT 50;
