"""People in the organisation's admin: members, roles, invitations, what was shared."""
