"""Forms of the door and of people: sign in, profile, members, clients."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from integrator.accounts.models import Client, Membership, Role, User

TIME_ZONES = sorted(
    zone for zone in available_timezones() if ("/" in zone and not zone.startswith("Etc/")) or zone == "UTC"
)

GOOD_PASSWORD = _("At least 10 characters. A few words are easier to remember than signs.")


class Tabler:
    """Gives every widget of a form the class its kind needs. Mixed into forms."""

    fields: dict[str, forms.Field]

    def dress(self) -> None:
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
                widget.attrs.setdefault("class", "form-check-input")
            elif isinstance(widget, forms.Select):
                widget.attrs.setdefault("class", "form-select")
            else:
                widget.attrs.setdefault("class", "form-control")


class LoginForm(Tabler, forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()


class CodeForm(Tabler, forms.Form):
    """Six digits of an app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()


class ProfileForm(Tabler, forms.ModelForm):
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        help_text=_("Begin to type a city: Warsaw, London."),
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )

    class Meta:
        model = User
        fields = ["name", "language", "theme", "time_zone"]
        labels = {"name": _("Full name"), "language": _("Language"), "theme": _("Theme")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()

    def clean_time_zone(self) -> str:
        typed = "_".join(str(self.cleaned_data["time_zone"]).split()).casefold()
        for zone in TIME_ZONES:
            if typed in (zone.casefold(), zone.rpartition("/")[2].casefold()):
                return zone
        raise forms.ValidationError(_("There is no such time zone. Choose one of the list, such as Europe/Warsaw."))


class ClientForm(Tabler, forms.ModelForm):
    class Meta:
        model = Client
        fields = ["name"]
        labels = {"name": _("Client's name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        same = Client.objects.filter(firm=self.instance.firm, name__iexact=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(_("The firm already has a client of this name."))
        return name


class InvitationForm(Tabler, forms.Form):
    """Invites a person by e-mail to a firm, or to one client of it (then without the administrator's role)."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.OPERATOR)

    def __init__(self, *args: Any, of_client: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if of_client:
            self.fields["role"] = RoleField(of_client=True, initial=Role.VIEWER)
        self.dress()

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class JoinForm(Tabler, forms.Form):
    """Somebody new takes up an invitation: name, password, language. The e-mail stands."""

    name = forms.CharField(label=_("Full name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        help_text=GOOD_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=[("pl", "Polski"), ("en", "English")])

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A password that is the name is refused too.
        self.user = User(email=email, name=str(self.data.get("name", ""))[:150])
        self.dress()

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password


class RoleField(forms.ChoiceField):
    def __init__(self, *, of_client: bool, **kwargs: Any) -> None:
        choices = [choice for choice in Role.choices if not (of_client and choice[0] == Role.ADMINISTRATOR)]
        super().__init__(label=_("Role"), choices=choices, **kwargs)


class RoleForm(Tabler, forms.Form):
    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = RoleField(of_client=membership.client_id is not None, initial=membership.role)
        self.dress()


class PasswordForm(Tabler, PasswordChangeForm):
    """A new password of one's own; the old one is asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = GOOD_PASSWORD
        self.fields["new_password2"].help_text = ""
        self.dress()
