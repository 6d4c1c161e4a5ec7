"""Addresses of sign-in, people and decisions."""

from django.urls import path

from integrator.accounts import (
    audit_pages,
    confirming,
    invitation_pages,
    people,
    second_factor_pages,
    sign_in_pages,
    views,
)

urlpatterns = [
    path("login/", sign_in_pages.sign_in, name="login"),
    path("login/second/", sign_in_pages.second_step, name="second_step"),
    path("login/passkey/", sign_in_pages.passkey_ask, name="passkey_ask"),
    path("confirm/", confirming.confirm, name="confirm"),
    path("logout/", views.sign_out, name="logout"),
    path("preferences/", views.preferences, name="preferences"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password, name="password"),
    path("profile/sessions/", views.end_sessions, name="end_sessions"),
    path("profile/second-factor/", second_factor_pages.overview, name="second_factor"),
    path("profile/second-factor/app/", second_factor_pages.app, name="second_factor_app"),
    path("profile/second-factor/act/", second_factor_pages.act, name="second_factor_act"),
    path("profile/passkeys/new/", second_factor_pages.passkey_new, name="passkey_new"),
    path("profile/passkeys/add/", second_factor_pages.passkey_add, name="passkey_add"),
    path("firms/<int:firm>/second-factor/", second_factor_pages.firm_rule, name="firm_second_factor"),
    path("invitation/<str:token>/", invitation_pages.invitation, name="invitation"),
    path("invitations/<int:invitation>/act/", invitation_pages.invitation_act, name="invitation_act"),
    path("firms/<int:firm>/clients/add/", people.client_add, name="client_add"),
    path("firms/<int:firm>/people/", people.firm_people, name="firm_people"),
    path("firms/<int:firm>/decisions/", audit_pages.firm_audit, name="firm_audit"),
    path("clients/<int:client>/name/", people.client_edit, name="client_edit"),
    path("clients/<int:client>/pause/", people.client_pause, name="client_pause"),
    path("clients/<int:client>/people/", people.client_people, name="client_people"),
    path("clients/<int:client>/decisions/", audit_pages.client_audit, name="client_audit"),
    path("memberships/<int:membership>/", people.membership_edit, name="membership"),
]
