"""Demo data: two organisations and the platform, as `make run` shows them. Safe to repeat."""
