-- The acts on a post, for the fresh tier, which asks for them each time that a post is touched.
CREATE INDEX interaction_by_object ON interaction (body ->> 'object');
