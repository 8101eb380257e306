"""What peer mentors do: types, activities and whether they count, flags, evidence, home visits."""

from django.urls import path

from api.core.routes import addresses

from .activities import ActivityViewSet, SummaryView, VerdictView
from .evidence import ActivityAttachmentViewSet, ActivityDocumentViewSet
from .flags import ActivityFlagViewSet
from .types import ActivityTypeViewSet
from .visits import HomeVisitReportViewSet, VisitContentView

urlpatterns = [
    path("activities/<uuid:id>/summary/", SummaryView.as_view()),
    path("activities/<uuid:id>/verdict/", VerdictView.as_view()),
    path("home-visit-reports/<uuid:id>/content/", VisitContentView.as_view()),
    *addresses(ActivityTypeViewSet),
    *addresses(ActivityViewSet),
    *addresses(ActivityFlagViewSet),
    *addresses(ActivityAttachmentViewSet),
    *addresses(ActivityDocumentViewSet),
    *addresses(HomeVisitReportViewSet),
]
