"""Logins and committed databases for tests of the walls."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from django.db import connection


@contextmanager
def logged_in_as(user: str, password: str = "") -> Iterator[None]:
    """Our connection, with another login of the same database."""
    settings_dict = connection.settings_dict
    before = settings_dict["USER"], settings_dict["PASSWORD"]
    connection.close()
    settings_dict["USER"], settings_dict["PASSWORD"] = user, password
    try:
        yield
    finally:
        connection.close()
        settings_dict["USER"], settings_dict["PASSWORD"] = before
        connection.set_schema_to_public()


@pytest.fixture(scope="module")
def committed_database(template_database, django_db_setup, django_db_blocker):
    """A database for the tests of one file, in which they may commit, if they leave it as they found it."""
    from tests.support.databases import cloned_database

    with django_db_blocker.unblock(), cloned_database(template_database, f"file_{os.getpid()}") as name:
        yield name


@pytest.fixture
def web_login(own_database, monkeypatch):
    """The web processes' own login, made for this database; a context manager that uses it.

    Logins belong to the whole server, so its name carries the database's.
    """
    from tenants.models import Organization
    from tenants.names import role_prefix
    from tenants.roles import grant_readiness, grant_schema, grant_shared, install_roles

    user = f"{role_prefix(own_database)}__web"
    host = connection.settings_dict["HOST"] or connection.settings_dict.get("OPTIONS", {}).get("host", "")
    url = f"postgres://{user}:made-for-tests@{quote(host, safe='')}/{own_database}"
    monkeypatch.setitem(os.environ, "WEB_DATABASE_URL", url)
    install_roles()
    grant_shared()
    for organization in Organization.objects.all():
        grant_schema(organization.schema_name, platform=organization.is_platform)
    grant_readiness("meander_template")

    @contextmanager
    def use() -> Iterator[str]:
        with logged_in_as(user, "made-for-tests"):
            yield user

    return use
