"""The project itself as an app: where what holds for the whole house is switched on."""

from django.apps import AppConfig


class IntegratorConfig(AppConfig):
    name = "integrator"
    label = "integrator"

    def ready(self) -> None:
        from integrator import celery, checks, crypto, log_setup

        # Tasks are sent by web processes and commands too, from any of their threads: they must know our broker.
        celery.app.set_default()
        checks.register_all()
        crypto.on_decrypt.append(log_setup.know_secrets)
