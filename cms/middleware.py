"""Whoever is signed in must be an active member of the organisation they ask."""
