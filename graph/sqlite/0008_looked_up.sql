-- What an identity provider said of a person is looked up by the person, the name it gave and its own number of them.
CREATE INDEX statement_by_person ON statement (kind, body ->> 'person');
CREATE INDEX statement_by_known_as ON statement (kind, body ->> 'known_as');
CREATE INDEX statement_by_external_id ON statement (kind, body ->> 'external_id');
-- A name that is not of ASCII stays empty until it is sent again: `lower` knows no other letters.
UPDATE statement
    SET body = json_object('at', body ->> 'at', 'body', body ->> 'body', 'created', body ->> 'created',
                           'deleted', json(iif(body ->> 'deleted', 'true', 'false')), 'external_id', body ->> 'external_id',
                           'known_as', iif(body ->> 'user_name' GLOB '*[^ -~]*', '', lower(body ->> 'user_name')),
                           'person', body ->> 'person', 'user_name', body ->> 'user_name')
    WHERE kind = 'provisioned-account';
