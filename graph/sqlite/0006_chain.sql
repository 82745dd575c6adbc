-- The audit log is a chain: `seal` holds a line together with all before it, without saying who it is about. What names
-- are sealed with lies beside it, a salt each, and goes when its person is erased (`store/chain.py`).
ALTER TABLE audit ADD COLUMN seal TEXT NOT NULL DEFAULT '';
CREATE TABLE audit_salt (
    name TEXT PRIMARY KEY,
    salt BLOB NOT NULL
) STRICT, WITHOUT ROWID;
