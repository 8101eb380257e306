"""Signing in and out, and everything a person keeps to prove who they are: /api/v1/auth/."""
