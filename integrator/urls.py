"""Addresses of the panel."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("integrator.accounts.urls")),
    path("", include("shops.urls")),
    path("", include("wapro.urls")),
    path("", include("syncjobs.urls")),
]

handler400 = "integrator.accounts.kept_pages.refused"
handler403 = "integrator.accounts.views.not_allowed"
handler404 = "integrator.accounts.views.not_found"
handler500 = "integrator.accounts.views.broken"
