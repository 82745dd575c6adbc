-- What people say about people, beside the facts: feedback, decisions about records, wishes. `key` and `about` are JSON
-- lists (what tells two of a kind apart; whom it goes with when they are erased), `body` is all of it as JSON.
CREATE TABLE statement (
    kind  TEXT NOT NULL,
    key   TEXT NOT NULL,
    about TEXT NOT NULL,
    body  TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
INSERT INTO statement (kind, key, about, body)
    SELECT 'feedback', json_array(person, subject, text),
           CASE WHEN person = subject THEN json_array(person) ELSE json_array(person, subject) END,
           json_object('at', at, 'helpful', json(CASE helpful WHEN 1 THEN 'true' ELSE 'false' END),
                       'person', person, 'subject', subject, 'text', text)
    FROM feedback;
DROP TABLE feedback;
