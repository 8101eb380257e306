"""The same request with the same idempotency key, sent twenty times at once over HTTP."""

import threading
from uuid import uuid4

from django_tenants.utils import schema_context

from domain.associations.models import LocalAssociation
from domain.audit.models import AuditEvent
from domain.identity.models import User
from domain.identity.sessions import open_session
from tenants.models import Organization

ADMIN = "admin@nhf.example"
URL = "/api/v1/local-associations/"


def test_it_takes_effect_once(live_site):
    with schema_context("nhf"):
        admin = User.objects.get(email=ADMIN)
        token = open_session(admin, Organization.objects.get(schema_name="nhf")).access_token
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
    statuses = []

    def send():
        with live_site.client("nhf", headers=headers) as client:
            statuses.append(client.post(URL, json={"name": "Bø", "number": "17"}).status_code)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    with schema_context("nhf"):
        assert LocalAssociation.objects.filter(number="17").count() == 1
        assert AuditEvent.objects.filter(action="local-association.created", object_label="Bø").count() == 1
