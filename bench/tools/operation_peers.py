"""Activities and contacts the usual ways, inside our own stack: organisation, session, scope and middleware.

* `/peers/activities/`: a DRF ModelViewSet with the same fields, search and filters, which records what it
  shows; `/peers/unrecorded/` the same without a record; `/peers/contacts/` one that makes contacts, with
  neither duplicates looked for nor anything recorded.
* `/peers/pages/activities/`: a plain Django page of 50 rows for whoever is signed in to the admin.
* `/peers/pages/activities.csv`: all rows as a CSV file of the same columns, by `values_list` and Python's
  `csv`: neither escaped nor in anybody's language, and nothing recorded.
"""

import csv
import io

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.template import Context, Engine
from django.urls import include, path
from rest_framework import routers, serializers, viewsets
from rest_framework.filters import SearchFilter
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer

from api.activities.activities import ActivitySerializer
from bench.tools.peers import RecordedViewSet
from cms.urls import urlpatterns as ours
from domain.access.queries import scope_for
from domain.activities.models import Activity, ActivityLeader
from domain.people.models import Contact

WRITTEN = ("leader_ids", "contact_ids", "summary", "submit")


class LeaderSerializer(serializers.ModelSerializer):
    class Meta:
        model = ActivityLeader
        fields = ["user", "approved_on_day"]


class PeerSerializer(serializers.ModelSerializer):
    leaders = LeaderSerializer(many=True, read_only=True)

    class Meta:
        model = Activity
        fields = [name for name in ActivitySerializer.Meta.fields if name not in WRITTEN]


class Pages(CursorPagination):
    page_size = 25
    ordering = ("started_at", "id")


class ActivityPeers(RecordedViewSet):
    serializer_class = PeerSerializer
    pagination_class = Pages
    filter_backends = [SearchFilter]
    search_fields = ["theme", "place", "mentor__last_name"]

    def get_queryset(self):
        rows = Activity.objects.visible_to(self.request._request.caller_scope).prefetch_related("leaders")
        status = self.request.query_params.get("status")
        return rows.filter(status=status) if status else rows


class UnrecordedPeers(ActivityPeers):
    def note_list(self, page, **how):
        return None

    def note_read(self, obj, **how):
        return None


class ContactPeerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Contact
        fields = ["id", "first_name", "last_name", "birth_year", "phone", "local_association"]


class ContactPeers(viewsets.ModelViewSet):
    serializer_class = ContactPeerSerializer
    permission_classes = [IsAuthenticated]
    renderer_classes = [JSONRenderer]
    queryset = Contact.objects.all()


PAGE = Engine().from_string("""<!doctype html><title>Activities</title><p>{{ total }}</p><table>
{% for row in rows %}<tr><td><a href="/admin/activities/inspect/{{ row.pk }}/">{{ row.type }}</a></td>
<td>{{ row.day }}</td><td>{{ row.mentor }}</td><td>{{ row.get_status_display }}</td>
<td>{{ row.counts|yesno }}</td><td>{{ row.local_association }}</td></tr>{% endfor %}</table>""")


@login_required
def page(request):
    rows = Activity.objects.visible_to(scope_for(request.user))
    shown = rows.select_related("type", "mentor", "local_association").order_by("-started_at", "-pk")[:50]
    return HttpResponse(PAGE.render(Context({"total": rows.count(), "rows": shown})))


COLUMNS = [
    *("day", "type__name_nb", "mentor__first_name", "mentor__last_name", "local_association__number"),
    *("local_association__name", "status", "counts", "participants", "duration_minutes", "mode", "country"),
    *("theme", "is_proxy", "rule_set", "override", "override_reason", "override_evidence", "decided_at"),
]


@login_required
def file(request):
    rows = Activity.objects.visible_to(scope_for(request.user)).order_by("-started_at", "-pk")
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(rows.values_list(*COLUMNS))
    return HttpResponse(out.getvalue(), content_type="text/csv")


router = routers.SimpleRouter()
router.register("activities", ActivityPeers, basename="activity-peer")
router.register("unrecorded", UnrecordedPeers, basename="unrecorded-peer")
router.register("contacts", ContactPeers, basename="contact-peer")
urlpatterns = [
    path("peers/pages/activities/", page),
    path("peers/pages/activities.csv", file),
    path("peers/", include(router.urls)),
    *ours,
]
