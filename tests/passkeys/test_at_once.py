"""Many at once: of one answer sent twenty times, one is let in."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection
from django_tenants.utils import schema_context

from domain.identity import passkeys
from domain.identity.devices import Device
from domain.identity.models import PasskeyCredential, User, UserSession
from domain.identity.passkey_questions import Asker
from domain.identity.passkeys import PasskeySignInRefused
from domain.identity.sessions import open_session
from tenants.models import Organization
from tests.support.authenticator import Authenticator

from .conftest import KARIM, NHF

TIMES = 20


def test_of_one_answer_sent_twenty_times_at_once_one_opens_a_session(own_database):
    phone = Authenticator(NHF)
    with schema_context("nhf"):
        nhf = Organization.objects.get(schema_name="nhf")
        karim = User.objects.get(email=KARIM)
        session = open_session(karim, nhf).session
        own = Asker(nhf, "his session", session)
        options = passkeys.registration_options(karim, asker=own)
        passkeys.register(credential=phone.create(options), name="", asker=own, by=karim)
        nobody = Asker(nhf, "one browser", address="192.0.2.1")
        answer = phone.get(passkeys.sign_in_options(asker=nobody))
        before = UserSession.objects.count()
    start = Barrier(TIMES)

    def send(_number: int) -> str:
        try:
            with schema_context("nhf"):
                connection.ensure_connection()
                start.wait()
                passkeys.sign_in_with_passkey(credential=answer, device=Device(), asker=nobody)
            return "let in"
        except PasskeySignInRefused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(TIMES) as pool:
        outcomes = sorted(pool.map(send, range(TIMES)))
    assert outcomes == ["let in", *["passkey-challenge"] * (TIMES - 1)]
    with schema_context("nhf"):
        assert UserSession.objects.count() == before + 1
        assert PasskeyCredential.objects.get().sign_count == phone.sign_count
