"""The site that is called, with something of everything in it."""

from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from .calls import Site
from .world import build


@pytest.fixture
def site(db) -> Iterator[Site]:
    # As Django's own test client does: the ends of requests must not close the test's transaction.
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    build()
    yield Site()
    for signal in ends:
        signal.connect(close_old_connections)
