"""Addresses of the ERP connection."""

from django.urls import URLPattern, URLResolver, path

from wapro import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("clients/<int:client>/erp/add/", views.erp_add, name="erp_add"),
    path("erp/<int:erp>/", views.erp, name="erp"),
    path("erp/<int:erp>/settings/", views.erp_edit, name="erp_edit"),
]
