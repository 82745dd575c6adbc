"""Sources of work: questions and answers, issues, wikis. Each module is one format, by its name."""
