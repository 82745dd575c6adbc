"""The index in a database server."""
