"""The facts, and a published index, in a Neo4j server."""
