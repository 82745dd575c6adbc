"""What a caller sees, says and is asked as themselves."""
