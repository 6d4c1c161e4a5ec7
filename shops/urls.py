"""Addresses of the shop connections."""

from django.urls import URLPattern, URLResolver, path

from shops import views, views_faults

urlpatterns: list[URLPattern | URLResolver] = [
    path("clients/<int:client>/shops/add/", views.shop_add, name="shop_add"),
    path("shops/<int:shop>/", views.shop, name="shop"),
    path("shops/<int:shop>/access/", views.shop_access, name="shop_access"),
    path("shops/<int:shop>/settings/", views.shop_edit, name="shop_edit"),
    path("shops/<int:shop>/remove/", views.shop_remove, name="shop_remove"),
    path("shops/<int:shop>/faults/", views_faults.shop_faults, name="shop_faults"),
    path("pictures/<str:token>.<slug:extension>", views.lent_picture, name="lent_picture"),
    path("shops/<int:shop>/pause/", views.shop_pause, name="shop_pause"),
]
