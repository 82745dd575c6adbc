// How are two people connected by writing and answering?
// Why: An introduction by somebody both know is better than none.
//
// :param from => 'demo:p001'
// :param to => 'demo:p002'
//
// For example:
// | way | steps |
// | [Ann Aalto, demo:8, demo:7, Bob] | 3 |

MATCH (one:Person {id: $from}), (other:Person {id: $to})
MATCH way = shortestPath((one)-[:WROTE|REPLY_TO|ACTED*..10]-(other))
RETURN [n IN nodes(way) | coalesce(n.name, n.title, n.id)] AS way, length(way) AS steps;
