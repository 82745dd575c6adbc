"""What came since a snapshot was built."""
