"""What is kept: copied, taken out, taken back, forgotten, and who is who in it."""
