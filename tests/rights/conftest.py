"""One world for the whole folder, and every test's writing undone."""

import pytest
from django.db import transaction
from django.test import override_settings

from .world import World, make_world, undone


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> World:
    # Nobody's token or proof of who they are runs out while the tests do.
    lasting = override_settings(ACCESS_TOKEN_SECONDS=86400, STEP_UP_SECONDS=86400)
    with lasting, django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _undone(world):
    with undone():
        yield
