-- The facts of one organisation in one SQLite file. README.md beside this folder explains every table and view.
-- Numbered and forward-only: a file that has been released is never edited; the next change is the next number.

-- Facts. `id` is source:id; `body` is the fact as JSON, without the id and without what is empty; `hash` is BLAKE2b-128 of it.
CREATE TABLE source      (id TEXT PRIMARY KEY, hash BLOB NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE person      (id TEXT PRIMARY KEY, hash BLOB NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE community   (id TEXT PRIMARY KEY, hash BLOB NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE interaction (id TEXT PRIMARY KEY, hash BLOB NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- Posts are long: they stay beside the tree of ids instead of inside it, which would make it deep.
CREATE TABLE post        (id TEXT PRIMARY KEY, hash BLOB NOT NULL, body TEXT NOT NULL) STRICT;

-- The log of changes: numbers without gaps, never deleted. After an erasure the id is a token (erased:...), never the id.
CREATE TABLE change (
    sequence  INTEGER PRIMARY KEY,
    operation TEXT NOT NULL CHECK (operation IN ('put', 'delete', 'hide', 'show', 'erase')),
    kind      TEXT NOT NULL CHECK (kind IN ('person', 'post', 'interaction', 'community', 'source')),
    id        TEXT NOT NULL
) STRICT;
CREATE TRIGGER change_is_kept BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'the log of changes only grows'); END;

-- People who are not to be found, by their wish: apart from the record, so that an import does not undo it.
CREATE TABLE hidden (person TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- What was erased and must not come back: BLAKE2b-128 of kind and id, keyed with the salt of this store.
CREATE TABLE tombstone (number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE) STRICT;

-- API keys: the digest of the secret, never the secret. Times are ISO 8601 in UTC; scopes are a JSON list.
CREATE TABLE key (
    id         TEXT PRIMARY KEY,
    digest     TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    person     TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked    INTEGER NOT NULL,
    note       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    number  INTEGER PRIMARY KEY,
    at      TEXT NOT NULL,
    actor   TEXT NOT NULL,
    event   TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail  TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject);
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;

-- What belongs to the store itself: `salt` of the tombstones; `scrub`, the number of the last erasure that is still
-- to be wiped out of the free space of the file.
CREATE TABLE property (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO property (name, value) VALUES ('salt', randomblob(32));

-- The ties, for people who read the file with SQL. The program reads the facts.
CREATE VIEW wrote AS
    SELECT author.value AS person, post.id AS post, post.body ->> 'created_at' AS at
    FROM post, json_each(post.body, '$.authors') AS author;
CREATE VIEW acted AS
    SELECT body ->> 'actor' AS person, body ->> 'verb' AS verb, body ->> 'object' AS object,
           coalesce(body ->> 'object_type', 'post') AS object_type, body ->> 'created_at' AS at, body ->> 'value' AS value
    FROM interaction;
CREATE VIEW member_of AS
    SELECT member.value AS person, community.id AS community
    FROM community, json_each(community.body, '$.members') AS member;
CREATE VIEW leads AS
    SELECT lead.value AS person, community.id AS community
    FROM community, json_each(community.body, '$.leads') AS lead;
CREATE VIEW reply_to AS
    SELECT id AS post, body ->> 'parent' AS parent FROM post WHERE body ->> 'parent' IS NOT NULL;
CREATE VIEW posted_in AS
    SELECT id AS post, body ->> 'community' AS community FROM post WHERE body ->> 'community' IS NOT NULL;
CREATE VIEW same_as AS
    SELECT one.id AS person, other.id AS other, key_of_one.value AS key
    FROM person AS one, json_each(one.body, '$.accounts') AS key_of_one,
         person AS other, json_each(other.body, '$.accounts') AS key_of_other
    WHERE one.id < other.id AND lower(trim(key_of_one.value)) = lower(trim(key_of_other.value))
      AND one.body -> 'audience' IS other.body -> 'audience';
