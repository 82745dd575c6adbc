-- The acts of a person, for what is kept about somebody and for changes of who may be found; and who was asked lately.
CREATE INDEX interaction_by_actor ON interaction (body ->> 'actor');
CREATE INDEX statement_by_day ON statement (kind, body ->> 'day');
