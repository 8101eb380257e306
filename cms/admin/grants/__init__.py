"""The counting rules of the grant in the admin: written by the platform's staff, read by organisations."""
