"""Addresses of the admin for signing in and for one's own account; before Wagtail's in cms.urls."""

from django.urls import path

from .confirmation import ConfirmationView
from .members.detail import OwnMayView
from .passwords import ChangeView, ChooseView, ChosenView, ForgottenView, SentView
from .recovery import RecoverView
from .sessions import EndOthersView, EndSessionView, RecoveryCodesView, SessionsView
from .sign_in import SignInView

urlpatterns = [
    path("login/", SignInView.as_view(), name="wagtailadmin_login"),
    path("recover/", RecoverView.as_view(), name="recover"),
    path("confirm/", ConfirmationView.as_view(), name="confirm_identity"),
    path("password/forgotten/", ForgottenView.as_view(), name="password_forgotten"),
    path("password/forgotten/sent/", SentView.as_view(), name="password_forgotten_sent"),
    path("password/choose/<str:uid>/<str:token>/", ChooseView.as_view(), name="password_choose"),
    path("password/chosen/", ChosenView.as_view(), name="password_chosen"),
    path("account/password/", ChangeView.as_view(), name="password_change"),
    path("account/sessions/", SessionsView.as_view(), name="account_sessions"),
    path("account/sessions/end-others/", EndOthersView.as_view(), name="account_end_others"),
    path("account/sessions/<uuid:id>/end/", EndSessionView.as_view(), name="account_end_session"),
    path("account/permissions/", OwnMayView.as_view(), name="account_permissions"),
    path("account/recovery-codes/", RecoveryCodesView.as_view(), name="recovery_codes"),
]
