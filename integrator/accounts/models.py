"""Who works here and for whom: users, integrator firms, their clients, roles, and the record of who decided what."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


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

    name = models.CharField(_("name"), max_length=150, unique=True)
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
