"""The project itself as an app: where what holds for the whole house is switched on."""

from django.apps import AppConfig


class IntegratorConfig(AppConfig):
    name = "integrator"
    label = "integrator"

    def ready(self) -> None:
        from integrator import checks, crypto, log_setup

        checks.register_all()
        crypto.on_decrypt.append(log_setup.know_secrets)
