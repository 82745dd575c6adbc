"""What answers are made of: a snapshot of the record, built, published, opened, and what one viewer may see of it."""
