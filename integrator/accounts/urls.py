"""Addresses of sign-in, people and decisions."""

from django.urls import path

from integrator.accounts import views

urlpatterns = [
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("preferences/", views.preferences, name="preferences"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password, name="password"),
]
