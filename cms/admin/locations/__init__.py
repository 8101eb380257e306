"""The admin of positions: the map of mentors, municipalities, and who is near a contact."""
