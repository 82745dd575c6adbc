"""What an installation sets: settings, the vocabulary of acts, and where files lie that are not Python."""
