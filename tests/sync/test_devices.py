"""Phones as the organisation sees them, and what they are told once they were ended."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from domain.audit.models import AuditEvent
from domain.core.errors import NotAllowed
from domain.identity.models import User, UserSession
from domain.sync.devices import end_device
from domain.sync.models import SyncDevice, SyncView

from .conftest import Phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(phone) -> SyncDevice:
    phone.pull(device_id="telefon-1")
    return SyncDevice.objects.get()


def test_a_phone_that_calls_is_known_with_what_it_is(device, phone, east):
    assert (device.user, device.device_id) == (east.coordinator, "telefon-1")
    assert device.last_pull_at is not None
    assert SyncView.objects.get().device == device
    assert AuditEvent.objects.filter(action="sync-device.added").count() == 1


def test_an_ended_phone_is_told_to_wipe_though_its_session_is_over(device, phone, api_of):
    admin = api_of("nhf", "admin@nhf.example")
    address = f"/api/v1/sync-devices/{device.pk}/"
    assert admin.post(f"{address}end/", {}, format="json").status_code == 400
    ended = admin.post(f"{address}end/", {"reason": "Mistet på toget"}, format="json")
    assert ended.status_code == 200, ended.content
    assert UserSession.objects.get(pk=device.session_id).revoked_reason == "device-ended"
    answer = phone.ask(device_id="telefon-1")
    assert answer.status_code == 401
    assert (answer.json()["type"], answer.json()["wipe"]) == ("/problems/device-ended", True)
    device.refresh_from_db()
    assert device.told_at is not None
    assert not SyncView.objects.exists()
    assert admin.post(f"{address}end/", {"reason": "Igjen"}, format="json").status_code == 409


def test_an_expired_token_of_an_ended_phone_is_enough_to_be_told(
    device, phone, person, settings, monkeypatch
):
    end_device(device, by=person("admin@nhf.example"), reason="Mistet")
    later = timezone.now() + timedelta(days=7)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert phone.ask().json().get("wipe") is True


def test_signing_in_again_on_an_ended_phone_brings_nothing_but_the_order_to_wipe(device, person, api_of):
    end_device(device, by=person("admin@nhf.example"), reason="Mistet")
    again = Phone(api_of("nhf", "coordinator@nhf.example")).ask(device_id="telefon-1")
    assert again.status_code == 403
    assert again.json()["wipe"] is True


def test_a_stranger_is_not_told_to_wipe(phone, device, api_of, client):
    phone.api.credentials(HTTP_AUTHORIZATION="Bearer " + "x" * 80)
    assert "wipe" not in phone.ask().json()


def test_only_who_may_ends_another_persons_phone_and_everyone_their_own(device, person, api_of):
    with pytest.raises(NotAllowed):
        end_device(device, by=person("mentor@nhf.example"), reason="Nei")
    other = api_of("nhf", "mentor@nhf.example")
    assert other.get(f"/api/v1/sync-devices/{device.pk}/").status_code == 404
    assert end_device(device, by=device.user, reason="Solgt").ended_at is not None


def test_the_admin_sees_when_phones_called_and_ends_one(device, browser_of):
    SyncDevice.objects.update(
        queued=7, oldest_queued_at=timezone.now() - timedelta(days=3), clock_ahead_seconds=3600
    )
    User.objects.update(language="en")
    browser = browser_of("nhf", "admin@nhf.example")
    page = browser.get(reverse("sync_devices:index")).content.decode()
    assert "7, the oldest for 3\xa0days" in page
    assert "60 minutes ahead" in page
    address = reverse("sync_devices:end", args=[device.pk])
    assert "removes all it keeps" in browser.get(address).content.decode()
    device.refresh_from_db()
    answer = browser.post(address, {"reason": "Mistet", "version": device.version})
    assert answer.status_code == 302
    assert "Ended; not called since" in browser.get(reverse("sync_devices:index")).content.decode()
    assert browser_of("nhf", "mentor@nhf.example").get(address).status_code in (302, 403, 404)


def test_an_ended_phone_hands_nothing_in_any_more(device, person, api_of):
    end_device(device, by=person("admin@nhf.example"), reason="Mistet")
    body = {"device_id": "telefon-1", "schema_version": 1, "mutations": []}
    again = api_of("nhf", "coordinator@nhf.example").post("/api/v1/sync/push/", body, format="json")
    assert (again.status_code, again.json()["wipe"]) == (403, True)
