"""Fixtures: a scene, and browsers that are signed in. Test modules name this one in `pytest_plugins`."""

import pytest
from django.test import Client

from integrator.accounts.models import Role
from tests.web.scene import Scene, new_scene


@pytest.fixture
def scene(db: None) -> Scene:
    return new_scene()


@pytest.fixture
def panel(scene: Scene) -> Client:
    """The firm's administrator, reading English."""
    client = Client()
    client.force_login(scene.user)
    return client


@pytest.fixture
def viewer(scene: Scene) -> Client:
    """The client's owner: looks, decides nothing."""
    client = Client()
    client.force_login(scene.member(Role.VIEWER, "owner@zielinski.example"))
    return client
