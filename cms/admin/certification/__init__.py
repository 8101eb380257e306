"""Certification in the admin: certificates and their checklists, reminders, pauses, declarations."""
