"""Whether the real SQL Server driver can be loaded on this machine."""

import importlib

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.proofs import not_proved


def need_driver() -> None:
    """Skip, and say at the end of the run what was not proved, when the driver's system library is missing."""
    try:
        importlib.import_module("mssql.base")
    except (ImproperlyConfigured, ImportError):
        not_proved("what the real SQL Server driver makes of connections (its system library is missing)")
        pytest.skip("the SQL Server driver cannot be loaded")
