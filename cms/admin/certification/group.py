"""Where certification stands in the menu."""

from cms.admin.scoped import ScopedGroup

from .base import word_lazy
from .certifications import CertificationViewSet, KindViewSet, ReminderViewSet
from .declarations import DeclarationViewSet, TextViewSet
from .statuses import StatusViewSet


class CertificationGroup(ScopedGroup):
    menu_label = word_lazy("certification", "plural")
    menu_name = "certification"
    menu_icon = "success"
    menu_order = 270
    items = (
        CertificationViewSet,
        StatusViewSet,
        DeclarationViewSet,
        ReminderViewSet,
        KindViewSet,
        TextViewSet,
    )
