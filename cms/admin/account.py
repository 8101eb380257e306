"""The account page: what a person may set for themselves in this organisation's admin."""

from django import forms
from django.conf import settings
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views import account
from wagtail.log_actions import get_active_log_context
from wagtail.users.models import UserProfile

from domain.config.queries import current_organization
from domain.identity.models import User
from domain.identity.rules import choose_language


def preferred_language(profile: UserProfile) -> str:
    """The language of the admin and of mail for this person: their own choice (`User.language`).

    Takes the place of Wagtail's, which is kept per organisation. Without a choice a person reads the admin
    in their browser's language; mail that somebody else's action sends them is in the organisation's.
    """
    languages = dict(settings.LANGUAGES)
    person, actor = profile.user, get_active_log_context().user
    wanted = person.language
    if not wanted and actor is not None and actor.pk != person.pk:
        wanted = current_organization().default_language
    wanted = wanted or (get_language() or "")
    return wanted if wanted in languages else settings.LANGUAGE_CODE


def use_own_language() -> None:
    """Let Wagtail ask the person, not its profile. Called once, when the process starts."""
    UserProfile.get_preferred_language = preferred_language


class LanguageForm(forms.Form):
    """A person's language, which holds in every organisation and in the app."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        help_text=_("For the admin and for e-mails to you, in every organisation you belong to."),
    )

    def __init__(self, *args, instance: User, **kwargs):
        super().__init__(*args, initial={"language": instance.language}, **kwargs)
        self.person = instance
        self.fields["language"].choices = [
            ("", _("The browser's language")),
            *(
                (code, get_language_info(code)["name_local"].capitalize())
                for code, _name in settings.LANGUAGES
            ),
        ]

    def save(self) -> None:
        choose_language(self.person, language=self.cleaned_data["language"], by=self.person)


class LanguagePanel(account.BaseSettingsPanel):
    name = "language"
    title = _("Language")
    order = 400
    form_class = LanguageForm


class NoForm(forms.Form):
    """For a panel that only shows something."""

    def __init__(self, *args, instance: User, **kwargs):
        super().__init__(*args, **kwargs)

    def save(self) -> None:
        """Nothing was entered."""


class SecurityPanel(account.BaseSettingsPanel):
    """Links to the pages about signing in; nothing is set here."""

    name = "security"
    title = _("Signing in")
    order = 500
    form_class = NoForm
    template_name = "sign_in/account_panel.html"


@method_decorator([never_cache, require_admin_access], name="dispatch")
class AccountView(account.AccountView):
    """Language, theme and which workflow mails to get.

    Name, e-mail and password belong to the person in all organisations, and a picture would be a file of one
    of them, so Wagtail's panels for these are left out. So is its language, which it keeps per organisation.
    """

    def get_panels(self):
        kept = (account.ThemeSettingsPanel, account.NotificationsSettingsPanel)
        panels = [panel for panel in super().get_panels() if isinstance(panel, kept)]
        user = self.request.user
        profile = UserProfile.get_for_user(user)
        own = (LanguagePanel, SecurityPanel)
        return [*panels, *(panel(self.request, user, profile) for panel in own)]
