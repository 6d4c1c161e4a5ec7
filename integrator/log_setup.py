"""Logs: one line per event, ids bound to it, secrets taken out; JSON in production, readable text while developing.

Both `structlog.get_logger()` and the standard library's loggers (Django, Celery, libraries) go through the same
processors. A request and a task bind their own ids; bind further ones with
`structlog.contextvars.bound_contextvars(run=..., step=...)`.
"""

import re
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from integrator.redaction import HIDDEN, Redactor

REDACTED = HIDDEN
SECRET_KEY_NAME = re.compile(
    r"passw|passphrase|(^|_)pwd|secret|token|authori[sz]ation|api_?key|credential|cookie|session_?id|private_?key|"
    r"encryption_keys?$|(^|_)dsn$",
    re.IGNORECASE,
)
"""Names of things whose value must not be logged."""

_IN_TEXT = (
    # user:password@ in an address
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"), REDACTED),
    # PWD=...; of a connection string, braces included
    (re.compile(r"(?i)\b(pwd|password)\s*=\s*(\{(?:[^}]|\}\})*\}|[^;\s&]+)"), rf"\1={REDACTED}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{16,}"), rf"\1 {REDACTED}"),
)
_OPEN_NAME = re.compile(r"(?i)(^|_)(user|user_?name|login|id|at|in|type|scope)$")
"""Parts of stored credentials that are no secret."""
_by_name = Redactor()
_SHORTEST_SECRET = 6
"""Shorter values would black out ordinary words."""
_MOST_SECRETS = 2000


class KnownSecrets:
    """Values that are blacked out wherever they turn up in a log line. The oldest are forgotten first."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def add(self, values: Iterable[object]) -> None:
        with self._lock:
            for value in values:
                if isinstance(value, str) and len(value) >= _SHORTEST_SECRET:
                    self._values[value] = None
                    self._values.move_to_end(value)
            while len(self._values) > _MOST_SECRETS:
                self._values.popitem(last=False)

    def black_out(self, text: str) -> str:
        for value in tuple(self._values):
            if value in text:
                text = text.replace(value, REDACTED)
        return text


known_secrets = KnownSecrets()


def know_secrets(stored: object) -> None:
    """Remember what was decrypted: a secret itself, or an object of credentials such as {"read_user": ...,
    "read_password": ...}, of which only the names of accounts and the times of tokens may be shown."""
    if isinstance(stored, str):
        known_secrets.add((stored,))
    elif isinstance(stored, Mapping):
        for name, value in stored.items():
            if not _OPEN_NAME.search(str(name)):
                know_secrets(value)


def redact_text(text: str) -> str:
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return known_secrets.black_out(_by_name(text))


def _redact_value(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {name: _redact_item(str(name), part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_value(part) for part in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact_text(str(value))


def _redact_item(name: str, value: Any) -> Any:
    if SECRET_KEY_NAME.search(name) and value not in (None, "", False):
        return REDACTED
    return _redact_value(value)


def redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The processor just before rendering: everything that is going to be printed passes here."""
    return {name: _redact_item(name, value) for name, value in event.items()}


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def set_up_logging(*, debug: bool, secrets: Iterable[object] = (), level: str = "INFO") -> dict[str, Any]:
    """Configure structlog and return what Django's LOGGING setting holds. Called once, by the settings."""
    known_secrets.add(secrets)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *_shared(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Processor
    if debug:
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    else:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "event": {
                "()": ProcessorFormatter,
                "foreign_pre_chain": _shared(),
                "processors": [
                    ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    redact,
                    renderer,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own console handler would print every line a second time.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # httpx logs whole addresses, query included.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
        },
    }


def request_ids(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: every line of a request carries its id, which the answer names too (header X-Request-ID)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex[:12]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id, method=request.method, path=request.path)
        response = get_response(request)
        response["X-Request-ID"] = request_id
        return response

    return middleware


def bind_task(task_id: str, task: Any, **kwargs: Any) -> None:
    """Receiver of Celery's task_prerun: every line of a task carries its id and its name. Which connection, run and
    step it is about is bound by whoever works on them."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name.rpartition(".")[2])


def unbind_task(**kwargs: Any) -> None:
    """Receiver of Celery's task_postrun."""
    structlog.contextvars.clear_contextvars()
