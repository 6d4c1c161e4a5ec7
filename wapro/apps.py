from django.apps import AppConfig


class WaproConfig(AppConfig):
    name = "wapro"
    label = "wapro"
