"""The platform's console: its customers, how they are, what can be done about them, and the jobs."""
