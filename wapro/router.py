"""Keeps the unmanaged tables of the ERP out of the panel's own database."""

from typing import Any

from django.db.models import Model


class WaproRouter:
    """Tables of `wapro.tables` live behind a runtime alias named `erp-...`; the alias is always given explicitly."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return _refuse(model)

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        return _refuse(model)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db != "default" else None


def _refuse(model: type[Model]) -> str | None:
    if not model._meta.managed and model.__module__ == "wapro.tables":
        raise RuntimeError(f"{model.__name__} is a table of the ERP: name the connection with using()")
    return None
