"""Sources of people, learning and anything else. Each module is one format, by its name."""
