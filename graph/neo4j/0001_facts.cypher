// The facts of one organisation in one Neo4j database. README.md beside this folder explains every label and tie.
// Numbered and forward-only, like ../sqlite. A statement ends with a semicolon at the end of a line. The schema and its
// nodes cannot be changed in one transaction here, so each statement may run twice without harm.

// A fact is found by its id; so is what other facts name and nobody has described yet (label Unrecorded).
CREATE CONSTRAINT person_id IF NOT EXISTS FOR (n:Person) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT post_id IF NOT EXISTS FOR (n:Post) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT community_id IF NOT EXISTS FOR (n:Community) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT source_id IF NOT EXISTS FOR (n:Source) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT acted_id IF NOT EXISTS FOR ()-[r:ACTED]-() REQUIRE r.id IS UNIQUE;

// The log of changes, without gaps: no number twice.
CREATE CONSTRAINT change_sequence IF NOT EXISTS FOR (n:Change) REQUIRE n.sequence IS UNIQUE;

// Who is not to be found, and what must not come back.
CREATE CONSTRAINT hidden_person IF NOT EXISTS FOR (n:Hidden) REQUIRE n.person IS UNIQUE;
CREATE CONSTRAINT tombstone_number IF NOT EXISTS FOR (n:Tombstone) REQUIRE n.number IS UNIQUE;
CREATE CONSTRAINT tombstone_hash IF NOT EXISTS FOR (n:Tombstone) REQUIRE n.hash IS UNIQUE;

// Keys, feedback (a question may be too long for an index, so its id is a hash) and the audit log.
CREATE CONSTRAINT key_id IF NOT EXISTS FOR (n:Key) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT feedback_id IF NOT EXISTS FOR (n:Feedback) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT audit_number IF NOT EXISTS FOR (n:Audit) REQUIRE n.number IS UNIQUE;
CREATE INDEX audit_subject IF NOT EXISTS FOR (n:Audit) ON (n.subject);

// What belongs to the store itself. Whoever writes facts locks the counter `change`; whoever writes a key, feedback or
// the audit log locks `audit`: so numbers have no gaps, and no writer waits for an import to note who looked.
CREATE CONSTRAINT counter_name IF NOT EXISTS FOR (n:Counter) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT property_name IF NOT EXISTS FOR (n:Property) REQUIRE n.name IS UNIQUE;
MERGE (n:Counter {name: 'change'}) ON CREATE SET n.value = 0;
MERGE (n:Counter {name: 'audit'}) ON CREATE SET n.value = 0;
MERGE (n:Counter {name: 'tombstone'}) ON CREATE SET n.value = 0;
MERGE (n:Property {name: 'salt'}) ON CREATE SET n.value = replace(randomUUID() + randomUUID(), '-', '');
