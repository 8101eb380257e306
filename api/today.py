"""What waits for the caller today: /api/v1/today/."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response as Answer

from api.core.views import MemberView
from domain.activities.models import HomeVisitFollowUp
from domain.assignments.choices import Response
from domain.certification.choices import MentorState
from domain.certification.queries import today_here
from domain.reporting.today import SHOWN, Section, note_shown, sections


class TodayPersonSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()


class TodayAnswerLineSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="Of the assignment.")
    recipient = TodayPersonSerializer(allow_null=True)
    response = serializers.ChoiceField(choices=Response.choices)
    answered_at = serializers.DateTimeField()


class TodayAnswersSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    declined = serializers.IntegerField()
    items = TodayAnswerLineSerializer(many=True)


class TodayUnopenedLineSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="Of the assignment.")
    recipient = TodayPersonSerializer(allow_null=True)
    sent_at = serializers.DateTimeField()
    is_late = serializers.BooleanField(help_text="For longer than the organisation's limit.")


class TodayUnopenedSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    late = serializers.IntegerField()
    items = TodayUnopenedLineSerializer(many=True)


class TodayFollowUpLineSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="Of the note, or of the follow-up of the report.")
    kind = serializers.ChoiceField(choices=["note", "home_visit"])
    due_on = serializers.DateField()
    is_overdue = serializers.BooleanField()
    contact = TodayPersonSerializer(allow_null=True, help_text="Of a note: whom it is about.")
    home_visit_report = serializers.UUIDField(allow_null=True)
    activity = serializers.UUIDField(allow_null=True)
    what = serializers.CharField(allow_blank=True, help_text="Of a home visit: what is to be done.")


class TodayFollowUpsSerializer(serializers.Serializer):
    total = serializers.IntegerField(help_text="Due today or before.")
    overdue = serializers.IntegerField()
    later = serializers.IntegerField(help_text="Open, and not in the total.")
    items = TodayFollowUpLineSerializer(many=True)


class TodayNoteRequestLineSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="Of the request.")
    due_on = serializers.DateField()
    is_overdue = serializers.BooleanField()
    contact = TodayPersonSerializer(allow_null=True, help_text="Where the caller sees them still.")


class TodayNoteRequestsSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    overdue = serializers.IntegerField()
    items = TodayNoteRequestLineSerializer(many=True)


class TodayReviewLineSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="Of the activity.")
    type = serializers.UUIDField()
    type_name = serializers.CharField()
    mentor = TodayPersonSerializer(allow_null=True)
    day = serializers.DateField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    is_flagged = serializers.BooleanField()


class TodayReviewsSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    flagged = serializers.IntegerField()
    items = TodayReviewLineSerializer(many=True)


class TodayCertificateLineSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="Of the certification.")
    user = TodayPersonSerializer()
    kind_name = serializers.CharField()
    valid_until = serializers.DateField()
    is_expired = serializers.BooleanField()


class TodayCertificatesSerializer(serializers.Serializer):
    total = serializers.IntegerField(help_text="Expired, and those of the next 90 days.")
    expired = serializers.IntegerField()
    within_7 = serializers.IntegerField()
    within_30 = serializers.IntegerField(help_text="Those within 7 days among them.")
    within_90 = serializers.IntegerField(help_text="Those within 30 days among them.")
    items = TodayCertificateLineSerializer(many=True)


class TodayPauseLineSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="Of the status of the mentor.")
    user = TodayPersonSerializer()
    status = serializers.ChoiceField(choices=MentorState.choices)
    since = serializers.DateTimeField()
    returns_on = serializers.DateField(allow_null=True)


class TodayPausesSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    automatic = serializers.IntegerField(help_text="Because a certificate ran out.")
    items = TodayPauseLineSerializer(many=True)


class TodaySerializer(serializers.Serializer):
    """A part is null where it is none of the caller's business, or the organisation doesn't use its area."""

    day = serializers.DateField()
    answers = TodayAnswersSerializer(allow_null=True, help_text="Assignments answered since yesterday began.")
    unopened = TodayUnopenedSerializer(allow_null=True, help_text="Assignments sent and not opened.")
    note_requests = TodayNoteRequestsSerializer(
        allow_null=True, help_text="Private notes that the caller is asked to release; null where none is."
    )
    follow_ups = TodayFollowUpsSerializer(allow_null=True)
    reviews = TodayReviewsSerializer(allow_null=True, help_text="Activities that the caller may decide on.")
    certificates = TodayCertificatesSerializer(allow_null=True, help_text="Of those who are mentors now.")
    pauses = TodayPausesSerializer(allow_null=True, help_text="Mentors who take no assignments now.")


def person(user: Any) -> dict[str, Any] | None:
    if user is None:
        return None
    return {"id": user.pk, "first_name": user.first_name, "last_name": user.last_name}


def _answer(row: Any) -> dict[str, Any]:
    response = Response.DECLINED if row.is_refused else Response.ACCEPTED
    return {
        "id": row.pk,
        "recipient": person(row.recipient),
        "response": response.value,
        "answered_at": row.answered_at,
    }


def _unopened(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "recipient": person(row.recipient),
        "sent_at": row.sent_at,
        "is_late": row.is_late,
    }


def _follow_up(row: Any) -> dict[str, Any]:
    line = {"id": row.pk, "due_on": row.due_on, "is_overdue": row.is_late}
    if isinstance(row, HomeVisitFollowUp):
        activity = row.report.activity_id
        more = {"home_visit_report": row.report_id, "activity": activity, "what": row.what, "contact": None}
        return {**line, "kind": "home_visit", **more}
    nothing = {"home_visit_report": None, "activity": None, "what": ""}
    return {**line, "kind": "note", "contact": person(row.contact), **nothing}


def _note_request(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "due_on": row.due_on,
        "is_overdue": row.is_late,
        "contact": person(row.shown_contact),
    }


def _review(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "type": row.type_id,
        "type_name": str(row.type),
        "mentor": person(row.mentor),
        "day": row.day,
        "submitted_at": row.submitted_at,
        "is_flagged": row.is_flagged,
    }


def _certificate(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "user": person(row.user),
        "kind_name": str(row.kind),
        "valid_until": row.valid_until,
        "is_expired": row.is_late,
    }


def _pause(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "user": person(row.user),
        "status": row.status,
        "since": row.since,
        "returns_on": row.returns_on,
    }


LINES = {
    "answers": _answer,
    "unopened": _unopened,
    "note_requests": _note_request,
    "follow_ups": _follow_up,
    "reviews": _review,
    "certificates": _certificate,
    "pauses": _pause,
}


def part(section: Section) -> dict[str, Any]:
    return {**section.counts, "items": [LINES[section.key](row) for row in section.rows]}


class TodayView(MemberView):
    """Counts, and the first few of each kind. Whose rows were shown is on the record."""

    @extend_schema(
        operation_id="getToday",
        responses=TodaySerializer,
        tags=["Today"],
        summary=f"What waits for the caller today: how many of each kind, and the first {SHOWN}.",
    )
    def get(self, request) -> Answer:
        day = today_here()
        found = sections(self.scope, day=day)
        note_shown(found, by=request.user)
        parts: dict[str, Any] = dict.fromkeys(LINES)
        parts |= {section.key: part(section) for section in found}
        return Answer(TodaySerializer({"day": day, **parts}).data)


urlpatterns = [path("today/", TodayView.as_view())]
