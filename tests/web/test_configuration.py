"""A configuration leaves one connection and is taken over by another: in words, looked at first, without a secret."""

import json
from typing import Any

import pytest
from django.test import Client as Browser

from syncjobs.configuration.document import parse
from syncjobs.configuration.document import as_text
from syncjobs.configuration.sources import export
from syncjobs.configuration.writing import comparison
from tests.web.scene import Scene

pytest_plugins = ("tests.web.signed_in",)


def test_a_connection_equals_its_own_export(scene: Scene) -> None:
    text = as_text(export(scene.shop))
    found = comparison(scene.shop, parse(text.encode()))
    assert [(one.name, one.rows, one.problem) for one in found if one.rows or one.problem] == []
    print(text)
