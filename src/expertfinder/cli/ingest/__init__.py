"""`ingest`: facts in, from files, tables, repositories and sources of other packages."""
