"""The shapes of the API, one file a noun."""
