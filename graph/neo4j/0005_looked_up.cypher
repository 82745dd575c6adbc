// What an identity provider said of a person is looked up by the person, the name it gave and its own number of them.
CREATE INDEX statement_person IF NOT EXISTS FOR (n:Statement) ON (n.person);
CREATE INDEX statement_known_as IF NOT EXISTS FOR (n:Statement) ON (n.known_as);
CREATE INDEX statement_external_id IF NOT EXISTS FOR (n:Statement) ON (n.external_id);
MATCH (n:Statement) WHERE n.kind = 'provisioned-account' AND n.known_as IS NULL
SET n.known_as = CASE WHEN n.user_name =~ '[ -~]*' THEN toLower(n.user_name) ELSE '' END;
