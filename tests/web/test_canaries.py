"""Secrets planted in every encrypted column turn up nowhere: whatever is done with them, all that was written down is
searched. Pages, files, logs, errors with their variables, mails, messages to workers, every column of every table."""

import base64
import io
import json
import logging
import logging.config
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from celery import signals
from django.apps import apps
from django.conf import settings as django_settings
from django.core import mail, serializers
from django.core.exceptions import RequestDataTooBig
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.utils.log import AdminEmailHandler
from django.views.debug import get_exception_reporter_class, technical_500_response

from integrator.accounts.models import AuthenticatorApp
from integrator.canonical.kinds import Kind
from integrator.log_setup import set_up_logging
from integrator.rotation import encrypted_fields
from shops.models import ShopConnection
from shops.registry import platforms
from syncjobs import erp_actor, errands, runner, runs
from syncjobs.alerts import delivering
from syncjobs.models import AlertChannel, ElementIssue, Errand, SyncOptions, WebhookSetup
from syncjobs.options import ensure_options
from tests.web.tenants import Tenants, samples, shop_of, tenants
from tests.web.test_access import KEYED, NAMES, address
from tests.web.test_connections import access
from wapro.models import WaproConnection

pytestmark = pytest.mark.django_db
OPEN = "opened-account"
"""What stands in the parts that are no secret, so that a login of both can be told."""


class Canaries:
    """Values that nobody would write by chance, and all that was written where they must not be."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.seen: list[tuple[str, str]] = []

    def __call__(self, where: str) -> str:
        self.secrets.append(f"canary{len(self.secrets):02d}{where.replace('_', '')}Zq7")
        return self.secrets[-1]

    def look(self, where: str, text: str) -> None:
        self.seen.append((where, text))

    def found(self) -> list[str]:
        forms = {secret: {secret, quote_plus(secret), json.dumps(secret)[1:-1]} for secret in self.secrets}
        for secret in self.secrets:
            forms[secret] |= {base64.b64encode(f"{OPEN}:{secret}".encode()).decode()}
        return sorted(
            {
                f"{secret} in {where}"
                for where, text in self.seen
                for secret in forms
                if any(f in text for f in forms[secret])
            }
        )


class _Mirror(BaseHTTPRequestHandler):
    """The worst of shops: repeats what it was sent, in errors, redirects and pages."""

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        said = f"{self.command} {self.path}\n{self.headers}\n{self.rfile.read(size).decode(errors='replace')}"
        number = len(self.server.told)  # type: ignore[attr-defined]
        self.server.told.append(said)  # type: ignore[attr-defined]
        body = json.dumps({"error": said, "code": "x", "message": said, "errors": [{"code": 1, "message": said}]})
        self.send_response((400, 401, 500, 200, 302)[number % 5])
        if number % 5 == 4:
            self.send_header("Location", "http://127.0.0.1:9/?" + quote_plus(said)[:2000])
        data = (body if number % 2 else f"<html>{said}</html>").encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def mirror() -> Iterator[tuple[str, list[str]]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Mirror) as listener:
        listener.told = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.server_port}", listener.told  # type: ignore[attr-defined]
        finally:
            listener.shutdown()
            thread.join(5)


@pytest.fixture
def canaries(settings: Any) -> Iterator[Canaries]:
    """With the log of production, to the last word, and the messages to workers."""
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    settings.ADMINS = [("Admin", "admin@example.com")]
    found, stream, root = Canaries(), io.StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    config = set_up_logging(debug=False, level="DEBUG")
    config["handlers"]["console"]["stream"] = stream
    config["loggers"] = {}
    logging.config.dictConfig(config)

    def message(body: Any = None, headers: Any = None, **_: Any) -> None:
        found.look("a message to a worker", f"{body!r} {headers!r}")

    signals.before_task_publish.connect(message)
    yield found
    signals.before_task_publish.disconnect(message)
    root.handlers[:] = before
    root.setLevel(level)


def planted(canaries: Canaries, made: Tenants, where: str) -> list[Model]:
    """An object with canaries for every encrypted column there is."""
    rows: list[Model] = []
    for known in platforms().values():
        values = {one.name: canaries(f"{known.name}{one.name}") if one.secret else OPEN for one in known.credentials}
        token = {"access_token": canaries(f"{known.name}token"), "expires_at": 4102444800}
        more = {"platform": known.name, "address": where, "token": token, "credentials": values}
        rows.append(shop_of(made.client, f"{known.label} 2", is_leading=False, **more))
    WaproConnection.objects.filter(pk=made.erp.pk).update(
        server="127.0.0.1,9",
        credentials={
            "read_user": OPEN, "read_password": canaries("read"),
            "write_user": OPEN, "write_password": canaries("write"),
        },
    )  # fmt: skip
    rows.append(WaproConnection.objects.get(pk=made.erp.pk))
    now = timezone.now()
    rows.append(WebhookSetup.objects.create(connection=made.shop, token="t", secret=canaries("hook"), checked_at=now))
    rows.append(
        AlertChannel.objects.create(
            firm=made.firm, name="Chat", url=f"{where}/in", secret={"secret": canaries("alert")}
        )
    )
    rows.append(
        AuthenticatorApp.objects.create(user=made.people["operator"], secret={"secret": canaries("totp")}, last_step=0)
    )
    missing = {model for model, _field in encrypted_fields()} - {type(row) for row in rows}
    assert not missing, f"plant a canary in {missing}"
    return rows


def work(shops: list[ShopConnection], erp: WaproConnection, made: Tenants) -> None:
    """Test the settings of all, try to synchronise; every call fails in another way."""
    for shop in shops:
        ensure_options(shop)
        SyncOptions.objects.filter(connection=shop).update(enabled=True)
        errands.request(Errand.Verb.TEST_SETTINGS, shop=shop, user=made.administrator)
        errands.request(Errand.Verb.WEBHOOKS_ON, shop=shop, user=made.administrator)
        for _ in range(3):
            runner.advance_shop(shop.pk)
        runs.start_run(shop, kinds=(Kind.UNIT, Kind.PRODUCT), user=made.administrator)
        for _ in range(6):
            runner.advance_shop(shop.pk)
    errands.request(Errand.Verb.TEST_SETTINGS, erp=erp, user=made.administrator)
    for _ in range(3):
        erp_actor.advance_erp(erp.pk)


def crash(shop: ShopConnection) -> None:
    """What a programmer's mistake leaves behind: secrets in the message and in variables."""
    credentials = dict(shop.credentials)
    token, opened = f"Bearer {shop.token['access_token']}", list(credentials.values())
    raise RequestDataTooBig(f"cannot send {opened} with {token}")


def told_of_crash(canaries: Canaries, shop: ShopConnection) -> None:
    request = RequestFactory().post("/shops/1/access/", {"credential_password": "typed-by-a-person"})
    try:
        crash(shop)
    except RequestDataTooBig:
        problem = sys.exc_info()
        logging.getLogger("celery.app.trace").exception("Task raised: %r", problem[1])
    reporter = get_exception_reporter_class(request)(request, *problem)
    canaries.look("the page of an error", technical_500_response(request, *problem).content.decode())
    canaries.look("the text of an error", reporter.get_traceback_text())
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Internal error", (), problem)  # type: ignore[arg-type]
    record.request = request
    AdminEmailHandler(include_html=True).emit(record)


def read_pages(canaries: Canaries, browser: Browser, made: Tenants, shops: list[ShopConnection]) -> None:
    """Every page, of one of the shops each; what they could show is searched in the tables besides."""
    known = samples(made)
    for place, name in enumerate(
        name for name in NAMES if name not in KEYED and name not in ("logout", "end_sessions")
    ):
        answer = browser.get(address(name, known | {"shop": shops[place % len(shops)].pk, "kind": "unit"}))
        body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
        canaries.look(f"page {name}", body.decode(errors="replace") + str(answer.headers))


def read_tables(canaries: Canaries) -> None:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            canaries.look(f"table {table}", repr(cursor.fetchall()))
    for model in apps.get_models():
        if model._meta.managed:
            canaries.look(f"dump of {model._meta.label}", serializers.serialize("json", model._default_manager.all()))


def commands(canaries: Canaries, shop: ShopConnection, folder: Path) -> None:
    bundle = folder / "support.zip"
    call_command("support_bundle", str(bundle), stdout=io.StringIO())
    with zipfile.ZipFile(bundle) as packed:
        for name in packed.namelist():
            canaries.look(f"support bundle, {name}", packed.read(name).decode(errors="replace"))
    for name, arguments in {"configuration": ("export", str(shop.pk)), "rotate_keys": (), "discrepancies": ()}.items():
        out = io.StringIO()
        try:
            call_command(name, *arguments, stdout=out, stderr=out)
        except (CommandError, SystemExit) as refused:
            out.write(str(refused))
        canaries.look(f"command {name}", out.getvalue())


def test_no_secret_is_written_anywhere(
    canaries: Canaries, django_capture_on_commit_callbacks: Callable[..., Any], settings: Any, tmp_path: Path
) -> None:
    made, logged = tenants(), logging.getLogger().handlers[0]
    settings.INTEGRATOR_PUBLIC_URL = "https://panel.example"
    browser = Browser()
    browser.force_login(made.administrator)
    with mirror() as (where, told), django_capture_on_commit_callbacks(execute=True):
        rows = planted(canaries, made, where)
        shops = [row for row in rows if isinstance(row, ShopConnection)]
        erp = next(row for row in rows if isinstance(row, WaproConnection))
        work(shops, erp, made)
        delivering.try_now(made.firm, channel=AlertChannel.objects.get())
        for shop in ShopConnection.objects.filter(pk__in=[one.pk for one in shops]):
            told_of_crash(canaries, shop)
            canaries.look("repr", repr(shop) + repr(vars(shop).keys()))
        typed = canaries("typed")
        answer = browser.post(
            reverse("shop_access", args=[made.shop.pk]), access(made.shop, name="", credential_password=typed)
        )
        canaries.look("a form that was refused", answer.content.decode())
        browser.post(reverse("shop_access", args=[made.shop.pk]), access(made.shop, credential_password=typed))
    assert len(told) >= 2 * len(shops), "the shops were called"
    assert any(secret in said for said in told for secret in canaries.secrets), "and heard the secrets"
    assert Errand.objects.filter(result__isnull=False).count() >= len(shops)
    assert ElementIssue.objects.count() + Errand.objects.count() > 0
    read_pages(canaries, browser, made, shops)
    read_tables(canaries)
    commands(canaries, shops[0], tmp_path)
    canaries.look("the log", logged.stream.getvalue())  # type: ignore[attr-defined]
    for one in mail.outbox:
        canaries.look(
            "mail",
            one.message().as_string() + str(one.body) + str(one.alternatives if hasattr(one, "alternatives") else ""),
        )
    assert len(mail.outbox) >= len(shops)
    canaries.secrets += [django_settings.SECRET_KEY, *django_settings.FIELD_ENCRYPTION_KEYS]
    assert "\n".join(canaries.found()) == ""
