from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "integrator.accounts"
    label = "accounts"
