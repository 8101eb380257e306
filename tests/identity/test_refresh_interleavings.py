"""Whatever a phone and a thief do with its tokens, in whatever order and after whatever pause.

A model in plain Python says what entity 11 demands; the rule must answer the same, step for step. The number
of runs is REFRESH_EXAMPLES (50; the release check runs 10,000).
"""

import os
import time
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django_tenants.utils import schema_context
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.identity.errors import RefreshRefused
from domain.identity.models import DeviceKey, RefreshToken, User, UserSession
from domain.identity.refresh import Proof, proof_message, refresh
from domain.identity.sessions import InvalidTokenError, open_session, session_for
from tenants.models import Organization

from .conftest import pass_time

EXAMPLES = int(os.environ.get("REFRESH_EXAMPLES", "50"))
MINUTE, MONTH = timedelta(seconds=60), timedelta(days=30)


class Family(RuleBasedStateMachine):
    """One session: the tokens it gave out, in order, and how long ago each was first used."""

    def __init__(self):
        super().__init__()
        self.rollback = transaction.atomic()
        self.rollback.__enter__()
        self.key = Ed25519PrivateKey.generate()
        organization = Organization.objects.get(schema_name="nhf")
        opened = open_session(User.objects.get(email="mentor@nhf.example"), organization)
        self.session = opened.session
        DeviceKey.objects.create(
            user=self.session.user,
            session=self.session,
            purpose=DeviceKey.Purpose.PROOF,
            public_key=self.key.public_key().public_bytes_raw(),
        )
        self.tokens = [opened.refresh_token]
        self.used: list[timedelta] = []
        self.access = [opened.access_token]
        self.alive = True

    def teardown(self):
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)

    @rule(back=st.integers(0, 4), prove=st.sampled_from(["", "", "right", "wrong"]))
    def present(self, back: int, prove: str):
        """Somebody presents one of the latest tokens."""
        place = max(0, len(self.tokens) - 1 - back)
        token = self.tokens[place]
        expected = self.expected(place, prove)
        try:
            answer = refresh(token, proof=self.proof(token, prove))
        except RefreshRefused:
            assert expected is None
            self.alive = False
            return
        if expected == "new":
            assert answer.refresh_token not in self.tokens
            self.tokens.append(answer.refresh_token)
            self.used.append(timedelta(0))
        else:
            assert answer.refresh_token == expected
        self.access.append(answer.access_token)

    @rule(
        age=st.sampled_from(
            [timedelta(seconds=20), timedelta(seconds=45), timedelta(hours=3), timedelta(days=12), MONTH]
        )
    )
    def wait(self, age: timedelta):
        pass_time(self.session.pk, age)
        self.used = [before + age for before in self.used]

    @precondition(lambda self: self.alive)
    @rule()
    def present_nonsense(self):
        """A guess harms nobody."""
        with pytest.raises(RefreshRefused):
            refresh("A" * 43)

    @invariant()
    def access_lives_exactly_as_long_as_the_session(self):
        try:
            session_for(self.access[-1])
            assert self.alive
        except InvalidTokenError:
            assert not self.alive

    @invariant()
    def every_token_has_at_most_one_successor(self):
        counters = list(
            RefreshToken.objects.filter(session=self.session)
            .order_by("counter")
            .values_list("counter", flat=True)
        )
        assert counters == list(range(len(self.tokens)))

    @invariant()
    def the_session_ended_for_the_reason_the_model_knows(self):
        reason = UserSession.objects.values_list("revoked_reason", flat=True).get(pk=self.session.pk)
        assert reason == ("" if self.alive else "token-reused")

    def expected(self, place: int, prove: str) -> str | None:
        """The token that must be answered, "new", or None for the end of the session."""
        if not self.alive:
            return None
        newest = len(self.tokens) - 1
        if place == newest:
            return "new"
        if place < newest - 1:
            return None
        # Measured a moment later than the model waited: boundaries lie between the pauses that are drawn.
        age = self.used[place]
        if age < MINUTE or (age < MONTH and prove == "right"):
            return self.tokens[newest]
        return None

    def proof(self, token: str, prove: str) -> Proof | None:
        if not prove:
            return None
        key = self.key if prove == "right" else Ed25519PrivateKey.generate()
        now = int(time.time())
        return Proof(now, key.sign(proof_message(token, now)))


@pytest.mark.django_db
def test_whatever_happens_to_the_tokens_there_is_one_successor_and_no_second_life():
    with schema_context("nhf"):
        run_state_machine_as_test(
            Family,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=12,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
