"""One post, in columns: its words, its document, its evidence, its copies."""
