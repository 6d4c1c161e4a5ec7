"""Rules for passwords that Django does not have."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from integrator.accounts.models import User

LONGEST = 256
"""As many characters as the form of signing in takes."""


class NotTooLong:
    """Nobody chooses a password that cannot be typed at the next sign-in."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return _("A password has at most %(count)d characters.") % {"count": LONGEST}
