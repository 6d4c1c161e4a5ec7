"""Logs carry ids and no secrets, whoever writes them and however they are printed."""

import io
import json
import logging
import logging.config

import pytest
import structlog
from django.http import HttpResponse
from django.test import RequestFactory

from integrator.log_setup import REDACTED, KnownSecrets, know_secrets, known_secrets, request_ids, set_up_logging


@pytest.fixture
def lines():
    """Log as production does, into a buffer; what the test run had is put back."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    config = set_up_logging(debug=False, secrets=["top-secret-key"], level="INFO")
    config["handlers"]["console"]["stream"] = stream
    config["loggers"] = {}
    logging.config.dictConfig(config)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()


def test_ids_bound_around_the_work_are_on_every_line(lines):
    with structlog.contextvars.bound_contextvars(run=17, connection=3):
        structlog.get_logger("syncjobs").info("page_fetched", rows=50)
        logging.getLogger("django.request").warning("Not Found: %s", "/x/")
    ours, djangos = lines()
    assert (ours["event"], ours["run"], ours["connection"], ours["rows"]) == ("page_fetched", 17, 3, 50)
    assert (djangos["event"], djangos["run"], djangos["level"]) == ("Not Found: /x/", 17, "warning")
    assert djangos["logger"] == "django.request"
    assert ours["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "fields",
    [
        {"password": "hunter22"},
        {"read_password": "hunter22"},
        {"headers": {"Authorization": "Bearer hunter22", "Accept": "json"}},
        {"rows": [{"access_token": "hunter22"}]},
        {"url": "redis://panel:hunter22@10.0.0.1/0"},
        {"text": "SERVER=x;UID=panel;PWD=hunter22;DATABASE=W"},
        {"text": "PWD={hunter22;x}}y};Encrypt=yes"},
        {"text": "Authorization: Bearer hunter22hunter22"},
        {"text": "grant_type=x&client_secret=hunter22&y=1"},
    ],
)
def test_secret_like_fields_are_blacked_out(lines, fields):
    structlog.get_logger("t").info("call", **fields)
    (line,) = lines()
    assert "hunter22" not in json.dumps(line)
    assert REDACTED in json.dumps(line)


def test_a_known_secret_is_blacked_out_wherever_it_turns_up(lines):
    know_secrets({"read_user": "panel-reader", "read_password": "Zażółć-9182"})
    structlog.get_logger("t").info("refused", detail="server said: bad Zażółć-9182 for panel-reader")
    logging.getLogger("lib").error("tuple %s", ("Zażółć-9182",))
    first, second = lines()
    assert first["detail"] == f"server said: bad {REDACTED} for panel-reader"
    assert "9182" not in second["event"]


def test_a_traceback_shows_no_secret(lines):
    try:
        raise ValueError("login failed with top-secret-key")
    except ValueError:
        structlog.get_logger("t").exception("failed")
        logging.getLogger("lib").exception("failed")
    for line in lines():
        assert "ValueError" in line["exception"]
        assert "top-secret-key" not in line["exception"]


def test_harmless_fields_stay_readable(lines):
    structlog.get_logger("t").info("x", key="4711", kind="product", count=3, none=None, password="")
    (line,) = lines()
    assert (line["key"], line["kind"], line["count"], line["none"], line["password"]) == (
        "4711",
        "product",
        3,
        None,
        "",
    )


def test_a_stored_secret_is_known_to_the_log_once_it_is_read():
    from integrator.crypto import EncryptedJSONField

    field = EncryptedJSONField()
    stored = field.get_prep_value({"token": "tok-58913-abcdef"})
    field.from_db_value(stored, None, None)
    assert known_secrets.black_out("got tok-58913-abcdef") == f"got {REDACTED}"


def test_the_memory_of_secrets_is_bounded_and_ignores_short_words():
    memory = KnownSecrets()
    memory.add(["no", "szt.", None, 5])
    assert memory.black_out("no szt.") == "no szt."
    memory.add(f"secret-{number:05}" for number in range(2001))
    assert memory.black_out("secret-00000 secret-02000") == f"secret-00000 {REDACTED}"


def test_development_prints_text_for_people(capsys):
    config = set_up_logging(debug=True)
    formatter = config["formatters"]["event"]
    renderer = formatter["processors"][-1]
    assert isinstance(renderer, structlog.dev.ConsoleRenderer)


def test_every_line_of_a_task_carries_its_name_and_id(lines):
    from integrator.celery import app

    @app.task(name="tests.log_something")
    def log_something():
        logging.getLogger("syncjobs").warning("slice done")

    log_something.apply(task_id="t-1")
    structlog.get_logger("t").info("afterwards")
    during = next(line for line in lines() if line["event"] == "slice done")
    assert (during["task"], during["task_id"]) == ("log_something", "t-1")
    assert "task_id" not in lines()[-1]


def test_every_line_of_a_request_carries_the_id_that_the_answer_names(lines):
    def view(request):
        logging.getLogger("syncjobs").warning("half way")
        return HttpResponse("done")

    response = request_ids(view)(RequestFactory().get("/erp/7/"))
    (line,) = lines()
    assert line["request_id"] == response["X-Request-ID"]
    assert (line["method"], line["path"]) == ("GET", "/erp/7/")
