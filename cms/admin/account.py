"""The account page: what a person may set for themselves in this organisation's admin."""

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views import account


@method_decorator([never_cache, require_admin_access], name="dispatch")
class AccountView(account.AccountView):
    """Language, theme and which workflow mails to get.

    Name, e-mail and password belong to the person in all organisations, and a picture would be a file of one
    of them, so Wagtail's panels for these are left out.
    """

    def get_panels(self):
        kept = (
            account.LocaleSettingsPanel,
            account.ThemeSettingsPanel,
            account.NotificationsSettingsPanel,
        )
        return [panel for panel in super().get_panels() if isinstance(panel, kept)]
