-- Whether somebody helped with a question, as whoever asked says: one line for each asker, person and question.
-- The question's text is kept, because without it nothing can be learned. Times are ISO 8601 in UTC.
CREATE TABLE feedback (
    person  TEXT NOT NULL,
    subject TEXT NOT NULL,
    text    TEXT NOT NULL,
    helpful INTEGER NOT NULL CHECK (helpful IN (0, 1)),
    at      TEXT NOT NULL,
    PRIMARY KEY (person, subject, text)
) STRICT, WITHOUT ROWID;
CREATE INDEX feedback_by_subject ON feedback (subject);
