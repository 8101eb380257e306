"""Addresses below /api/v1/auth/."""

from django.urls import URLPattern, URLResolver, include, path

from .device_keys import DeviceKeysView, DeviceKeyView
from .invitations import (
    AcceptInvitationView,
    InvitationPasskeyOptionsView,
    InvitationPasskeyView,
    JoinView,
)
from .memberships import OwnMembershipsView, SwitchView
from .password import (
    ChangePasswordView,
    LogoutView,
    PasswordView,
    ResetConfirmView,
    ResetView,
    SecondStepView,
)
from .recovery import RecoveryCodesView, RecoveryCodeView
from .refresh import RefreshView
from .sessions import SessionsView, SessionView
from .verification import StepUpView

urlpatterns: list[URLPattern | URLResolver] = [
    path("password/", PasswordView.as_view()),
    path("password/second-step/", SecondStepView.as_view()),
    path("password/change/", ChangePasswordView.as_view()),
    path("password/reset/", ResetView.as_view()),
    path("password/reset/confirm/", ResetConfirmView.as_view()),
    path("recovery-code/", RecoveryCodeView.as_view()),
    path("recovery-codes/", RecoveryCodesView.as_view()),
    path("refresh/", RefreshView.as_view()),
    path("logout/", LogoutView.as_view()),
    path("sessions/", SessionsView.as_view()),
    path("sessions/<uuid:id>/", SessionView.as_view()),
    path("invitations/accept/", AcceptInvitationView.as_view()),
    path("invitations/passkey/options/", InvitationPasskeyOptionsView.as_view()),
    path("invitations/passkey/verify/", InvitationPasskeyView.as_view()),
    path("invitations/join/", JoinView.as_view()),
    path("memberships/", OwnMembershipsView.as_view()),
    path("switch/", SwitchView.as_view()),
    path("step-up/", StepUpView.as_view()),
    path("", include("api.auth.passkeys")),
    path("device-keys/", DeviceKeysView.as_view()),
    path("device-keys/<uuid:id>/", DeviceKeyView.as_view()),
]
