"""Who works here and for whom: users, integrator firms, their clients, roles, and the record of who decided what."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrator.crypto import EncryptedJSONField


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=email.strip().lower(), **extra)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    class Theme(models.TextChoices):
        SYSTEM = "system", _("as the device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(
        _("language"), max_length=8, default="pl", choices=[("pl", "Polski"), ("en", "English")]
    )
    theme = models.CharField(_("theme"), max_length=8, default=Theme.SYSTEM, choices=Theme.choices)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Warsaw")
    password_is_temporary = models.BooleanField(default=False, editable=False)
    """Given by somebody else and shown once: to be changed before anything else."""
    sign_in_mark = models.CharField(max_length=32, blank=True, editable=False)
    """Part of what a session is good for: a new mark ends every session that was opened under another."""
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        held: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        return f"{held}{self.sign_in_mark}"


class Firm(models.Model):
    """An integrator firm."""

    class SecondFactor(models.TextChoices):
        NOBODY = "", _("nobody: each person decides")
        ADMINISTRATORS = "administrators", _("the firm's administrators")
        EVERYONE = "everyone", _("everyone with a role in the firm or at its clients")

    name = models.CharField(_("name"), max_length=150, unique=True)
    second_factor = models.CharField(max_length=16, blank=True, default="", db_default="", choices=SecondFactor.choices)
    """Who has to sign in with a second factor; without one they reach nothing but its set-up."""
    created_at = models.DateTimeField(auto_now_add=True)

    tenant_path = ""

    def __str__(self) -> str:
        return self.name


class Client(models.Model):
    """A customer of the firm: one WAPRO database, one or more shops."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="clients")
    name = models.CharField(_("name"), max_length=150)
    paused = models.BooleanField(default=False)
    """Nothing of this client is started while set."""
    created_at = models.DateTimeField(auto_now_add=True)

    tenant_path = "self"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "name"], name="client_name_in_firm")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    VIEWER = "viewer", _("viewer")
    OPERATOR = "operator", _("operator")
    IMPLEMENTER = "implementer", _("implementer")
    ADMINISTRATOR = "administrator", _("firm administrator")


RANK = {Role.VIEWER: 1, Role.OPERATOR: 2, Role.IMPLEMENTER: 3, Role.ADMINISTRATOR: 4}


class Membership(models.Model):
    """A user's role at a firm (all its clients) or at one client. A client's owner is a viewer of that client."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="memberships")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    tenant_path = "firm"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "firm"], condition=Q(client=None), name="one_role_per_firm"),
            models.UniqueConstraint(fields=["user", "client"], name="one_role_per_client"),
            models.CheckConstraint(
                condition=Q(client=None) | ~Q(role="administrator"), name="administrator_is_of_the_firm"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


class Invitation(models.Model):
    """A role that waits for its person to take it up by a link. The link is kept as its hash only."""

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="invitations")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=16, choices=Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    tenant_path = "firm"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(client=None) | ~Q(role="administrator"), name="invited_administrator_is_of_the_firm"
            ),
            models.UniqueConstraint(
                fields=["firm", "email"],
                condition=Q(client=None, accepted_at=None, revoked_at=None),
                name="one_invitation_per_firm",
            ),
            models.UniqueConstraint(
                fields=["client", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_invitation_per_client",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} {self.role}"


class AuthenticatorApp(models.Model):
    """A person's app that shows six digits for thirty seconds (TOTP, RFC 6238)."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="authenticator_app")
    secret = EncryptedJSONField()
    """{"secret": base32}"""
    last_step = models.BigIntegerField()
    """Number of the half-minute whose code was accepted last: that code and older ones are refused."""
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user}: TOTP"


class RecoveryCode(models.Model):
    """A code that stands in for a lost second factor, once. Kept as its hash only."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_of_person")]

    def __str__(self) -> str:
        return f"{self.user}: recovery code"


class Passkey(models.Model):
    """A key pair of a device of the person (WebAuthn). Only its public half is here."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True)
    """Base64url, as the browser names it; at most 1023 bytes."""
    public_key = models.TextField()
    """COSE, base64url."""
    sign_count = models.BigIntegerField(default=0)
    transports = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class SignIn(models.Model):
    """One open session of a person, as the list of sessions shows it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    key = models.CharField(max_length=40)
    """Key of the session."""
    device = models.CharField(max_length=300, blank=True)
    """What the browser calls itself."""
    address = models.CharField(max_length=45, blank=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-seen_at", "-id"]
        indexes = [models.Index(fields=["user", "-seen_at"])]

    def __str__(self) -> str:
        return f"{self.user} {self.seen_at:%Y-%m-%d %H:%M}"


class AuditEntry(models.Model):
    """What a person decided. Append only."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="audit")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.SET_NULL, related_name="audit")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    """What it was about, as it was called then."""
    data = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    tenant_path = "client"

    class Meta:
        indexes = [
            models.Index(fields=["firm", "-id"]),
            models.Index(fields=["client", "-id"]),
            models.Index(fields=["firm", "user", "-id"]),
            models.Index(fields=["firm", "verb", "-id"]),
            models.Index(fields=["firm", "at"]),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"
