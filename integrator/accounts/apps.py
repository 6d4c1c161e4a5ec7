from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "integrator.accounts"
    label = "accounts"

    def ready(self) -> None:
        # Its receiver writes the list of open sessions.
        import_module("integrator.accounts.sessions")
