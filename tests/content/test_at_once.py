"""Several people at once."""

import random
import threading

from django.db import connection
from django_tenants.utils import schema_context

from cms import rules
from cms.models import FaqEntry
from domain.core.errors import DomainError

from .conftest import Make


def at_once(work, count: int) -> list[Exception]:
    """Run `work(number)` in that many threads, each with a connection of its own, in NHF."""
    errors: list[Exception] = []
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            with schema_context("nhf"):
                barrier.wait()
                work(number)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors


def test_people_who_reorder_the_same_category_at_once_lose_nothing(own_database):
    make = Make()
    with schema_context("nhf"):
        category = make.category()
        keys = [make.faq(f"Nummer {number}?", category).pk for number in range(6)]

    def shuffle(number: int) -> None:
        chance = random.Random(number)
        for _turn in range(5):
            rules.reorder(FaqEntry.objects.get(pk=chance.choice(keys)), chance.randrange(6), by=None)

    assert at_once(shuffle, 4) == []
    with schema_context("nhf"):
        assert sorted(FaqEntry.objects.values_list("sort_order", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_of_several_who_publish_the_same_draft_one_does(own_database):
    with schema_context("nhf"):
        key = Make().faq("Hva?", live=False).pk
    errors = at_once(lambda number: rules.publish(FaqEntry.objects.get(pk=key), by=None), 4)
    assert len(errors) == 3
    assert all(isinstance(error, DomainError) for error in errors)
    with schema_context("nhf"):
        assert FaqEntry.objects.get(pk=key).live
