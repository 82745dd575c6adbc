// Which tags are written about less than a year before?
// Why: Knowledge that fades is lost when nobody asks for it in time.
//
// :param days => 365
// :param least => 3
//
// For example:
// | tag | before | lately |
// | river ice | 20 | 4 |

MATCH (latest:Post) WHERE latest.at IS NOT NULL WITH max(latest.at) AS now
MATCH (post:Post) WHERE post.at > now - duration({days: 2 * $days}) UNWIND post.tags AS tag
WITH tag, count(CASE WHEN post.at > now - duration({days: $days}) THEN 1 END) AS lately, count(*) AS posts
WITH tag, posts - lately AS before, lately WHERE before >= $least AND lately < before
RETURN tag, before, lately ORDER BY before - lately DESC, tag LIMIT 50;
