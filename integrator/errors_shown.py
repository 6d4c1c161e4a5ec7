"""What Django's page for programmers and mails about errors show of the variables at the time: no secret."""

from pprint import pformat
from typing import Any

from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from integrator.log_setup import REDACTED, SECRET_KEY_NAME, known_secrets, redact_text

LONGEST = 4096
"""Characters of one variable."""


class SecretsFilter(SafeExceptionReporterFilter):
    """Django hides settings and what views declare. Here every variable of every frame goes the way of a line of the
    log: what is called like a secret is hidden whole, a known secret wherever it stands."""

    cleansed_substitute = REDACTED
    hidden_settings = SECRET_KEY_NAME

    def is_active(self, request: Any) -> bool:
        """While developing too: screens are shared."""
        return True

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> Any:
        return [(name, _shown(name, value)) for name, value in super().get_traceback_frame_variables(request, tb_frame)]


class SecretsReporter(ExceptionReporter):
    """The same for what the error says, and for whatever else comes to stand on the page or in the mail."""

    def get_traceback_data(self) -> dict[str, Any]:
        data: dict[str, Any] = super().get_traceback_data()
        if "exception_value" in data:
            data["exception_value"] = redact_text(str(data["exception_value"]))
        return data

    def get_traceback_html(self) -> SafeString:
        return SafeString(known_secrets.black_out(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(known_secrets.black_out(super().get_traceback_text()))


class _Text(str):
    """Shown by Django as it is, without quotes around it."""

    def __repr__(self) -> str:
        return str(self)


def _shown(name: str, value: Any) -> Any:
    if SECRET_KEY_NAME.search(name):
        return REDACTED
    try:
        return _Text(redact_text(pformat(value)[:LONGEST]))
    except Exception as problem:  # noqa: BLE001 the repr of anything may fail, and this page is about another error
        return f"<{type(value).__name__}: {type(problem).__name__}>"
