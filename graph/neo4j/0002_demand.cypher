// Which topics were asked about in which week, one node for each asker: a salted hash, never an id.
CREATE CONSTRAINT demand_id IF NOT EXISTS FOR (n:Demand) REQUIRE n.id IS UNIQUE;
CREATE INDEX demand_week IF NOT EXISTS FOR (n:Demand) ON (n.week);
