"""What the record says of files: nothing that people wrote."""

import pytest

from domain.audit.models import AuditEvent
from domain.files.rules import accept_file, describe_file, discard_file

from .conftest import photo, upload

pytestmark = pytest.mark.django_db


def test_the_record_names_a_file_by_its_id_and_keeps_no_words_about_it(nhf, person):
    mentor = person("mentor@nhf.example")
    file = accept_file(upload(photo(), "Kari, ME.jpg"), by=mentor, alt_text="Kari på stua")
    describe_file(file, by=mentor, alt_text="Kari på benken")
    discard_file(file, by=mentor)
    events = list(AuditEvent.objects.filter(object_id=str(file.pk)).order_by("id"))
    assert [event.action for event in events] == ["file.uploaded", "file.changed", "file.destroyed"]
    for event in events:
        assert event.object_label == str(file.pk)
        assert "Kari" not in f"{event.object_label} {event.changes}"
