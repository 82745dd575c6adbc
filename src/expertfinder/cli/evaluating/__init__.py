"""`evaluate`, `tune`, `judge`: how good the ranking is, and weights learned from judgements."""
