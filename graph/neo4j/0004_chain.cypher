// The audit log is a chain; what names are sealed with in it: a node each, which goes when its person is erased.
CREATE CONSTRAINT audit_salt_name IF NOT EXISTS FOR (n:AuditSalt) REQUIRE n.name IS UNIQUE;
