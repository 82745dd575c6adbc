// What people say about people, beside the facts; found by the kind and a hash of what tells two of it apart.
CREATE CONSTRAINT statement_id IF NOT EXISTS FOR (n:Statement) REQUIRE n.id IS UNIQUE;
MATCH (n:Feedback)
SET n.kind = 'feedback', n.key = [n.person, n.subject, n.text],
    n.about = CASE WHEN n.person = n.subject THEN [n.person] ELSE [n.person, n.subject] END,
    n.id = 'feedback ' + n.id, n:Statement
REMOVE n:Feedback;
DROP CONSTRAINT feedback_id IF EXISTS;
