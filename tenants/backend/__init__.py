"""Database backend: django-tenants' search path, plus a PostgreSQL role per organisation."""
