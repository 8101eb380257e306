"""The admin of assignments: sending them, what becomes of them, honoraria."""
