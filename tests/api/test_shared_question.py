"""Requests that come together share one statement, and none gets an answer from before it came."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.content.remembered import SharedQuestion


class Database:
    """Answers with the number of the statement, and only when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.begun = threading.Semaphore(0)
        self.may_answer = threading.Semaphore(0)
        self.fails: set[int] = set()

    def __call__(self, host):
        self.asked += 1
        number = self.asked
        self.begun.release()
        assert self.may_answer.acquire(timeout=20)
        if number in self.fails:
            raise ConnectionError
        return host, (number,)


@pytest.fixture
def threads():
    with ThreadPoolExecutor(max_workers=8) as pool:
        yield pool


def waiting(shared: SharedQuestion, host: str) -> int:
    """How many wait for the statement after the one under way: who will ask it, and who shares it."""
    following = shared._next.get(host)
    return 0 if following is None else 1 + len(following.done._cond._waiters)


def until(condition) -> None:
    wait = threading.Event()
    for _ in range(2000):
        if condition():
            return
        wait.wait(0.01)
    raise AssertionError("it never happened")


def test_who_comes_during_a_statement_shares_the_one_after_it(threads):
    database = Database()
    shared = SharedQuestion(database)
    first = threads.submit(shared.ask, "a.example")
    assert database.begun.acquire(timeout=20)
    late = [threads.submit(shared.ask, "a.example") for _ in range(4)]
    until(lambda: waiting(shared, "a.example") == len(late))
    assert database.asked == 1
    database.may_answer.release(2)
    assert first.result(20) == ("a.example", (1,))
    assert {each.result(20) for each in late} == {("a.example", (2,))}
    assert database.asked == 2


def test_other_hosts_are_not_waited_for(threads):
    database = Database()
    shared = SharedQuestion(database)
    asked = [threads.submit(shared.ask, host) for host in ("a.example", "b.example")]
    for _ in asked:
        assert database.begun.acquire(timeout=20)
    database.may_answer.release(2)
    assert {each.result(20)[0] for each in asked} == {"a.example", "b.example"}


def test_a_failure_is_the_askers_own_and_the_next_is_asked_anew(threads):
    database = Database()
    database.fails = {1}
    shared = SharedQuestion(database)
    first = threads.submit(shared.ask, "a.example")
    assert database.begun.acquire(timeout=20)
    late = threads.submit(shared.ask, "a.example")
    until(lambda: waiting(shared, "a.example") == 1)
    database.may_answer.release(2)
    with pytest.raises(ConnectionError):
        first.result(20)
    assert late.result(20) == ("a.example", (2,))
    database.may_answer.release()
    assert shared.ask("a.example") == ("a.example", (3,))
