"""Addresses of the pipeline's pages."""

from django.urls import URLPattern, URLResolver, path

from syncjobs.views import homes

urlpatterns: list[URLPattern | URLResolver] = [
    path("", homes.home, name="home"),
    path("firms/<int:firm>/", homes.firm_home, name="firm_home"),
    path("clients/<int:client>/", homes.client_home, name="client_home"),
]
