"""Answers over the network: communities, champions, people to meet, teams, roles, and knowledge that would leave."""
