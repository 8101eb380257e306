"""What must hold when many requests come at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from domain.identity.guessing import ACCOUNT_ATTEMPTS
from domain.identity.limits import Limit, TooManyAttempts, count, prune
from domain.identity.models import RateCounter

DEVICE = {"name": "x", "platform": "ios", "app_version": "1"}


def test_forty_at_once_at_limit_five_let_exactly_five_pass(own_database):
    limit = Limit("at-once", attempts=5, seconds=60)

    def attempt(_number: int) -> bool:
        try:
            count(limit, "someone")
        except TooManyAttempts:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(40) as pool:
        assert sum(pool.map(attempt, range(40))) == 5


def test_a_hundred_guesses_at_once_are_evaluated_ten_times(live_site):
    body = {"email": "mentor@nhf.example", "password": "wrong", "device": DEVICE}
    with live_site.client("nhf") as client, ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda _n: client.post("/api/v1/auth/password/", json=body).status_code, range(100))
        )
    assert sorted(set(answers)) == [401, 429]
    assert answers.count(401) == ACCOUNT_ATTEMPTS.attempts


def test_counters_are_removed_outside_a_transaction_too(own_database):
    count(Limit("old", attempts=1, seconds=60), "someone")
    RateCounter.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert prune() == 1
