"""How good communities, champions and their like are, on sets with known truth. Truth is never evidence."""
