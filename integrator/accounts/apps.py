from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "integrator.accounts"
    label = "accounts"

    def ready(self) -> None:
        # The receiver that writes the list of open sessions, and a system check, register themselves.
        import_module("integrator.accounts.sessions")
        import_module("integrator.accounts.checks")
