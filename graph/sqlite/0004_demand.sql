-- Which topics were asked about in which week (its Monday, ISO 8601), one line for each asker: a salted hash, never an id.
-- What is read of it is how many different askers there were, from a few on.
CREATE TABLE demand (
    week  TEXT NOT NULL,
    topic TEXT NOT NULL,
    asker BLOB NOT NULL,
    PRIMARY KEY (week, topic, asker)
) STRICT, WITHOUT ROWID;
CREATE INDEX demand_by_asker ON demand (asker);
