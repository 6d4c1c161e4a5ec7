"""Forms of alerts: what one person is told, and where a webhook goes."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.accounts.access import clients_of
from integrator.accounts.forms import TIME_ZONES, Tabler
from syncjobs.alerts.digest import begin_tomorrow
from syncjobs.alerts.rendering import SORT_WORDS
from syncjobs.alerts.rules import MAY_BE_URGENT, SORTS
from syncjobs.forms_times import check_ends
from syncjobs.models import AlertChannel, AlertSubscription


def _sort_choices(sorts: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(sort, capfirst(str(SORT_WORDS[sort]))) for sort in sorts]


def _clock() -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time", "class": "form-control w-auto"}, format="%H:%M")
    return forms.TimeField(required=False, widget=widget)


class ReceiverForm(Tabler, forms.ModelForm):
    """What a person and a webhook have in common: which alerts, and when not."""

    sorts = forms.MultipleChoiceField(
        label=gettext_lazy("What of"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    quiet_from = _clock()
    quiet_to = _clock()
    urgent = forms.MultipleChoiceField(
        label=gettext_lazy("Let through quiet hours"), required=False, widget=forms.CheckboxSelectMultiple()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("sorts", SORTS)
        self._choices("urgent", MAY_BE_URGENT)
        self.fields["quiet_from"].label = _("Quiet from")
        self.fields["quiet_to"].label = _("Quiet until")
        self.dress()

    def _choices(self, name: str, sorts: tuple[str, ...]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = _sort_choices(sorts)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        check_ends(self, "quiet_from", "quiet_to")
        return data


class SubscriptionForm(ReceiverForm):
    """A person's own e-mails."""

    digest_hour = forms.TypedChoiceField(
        label=gettext_lazy("Hour of the digest"),
        coerce=int,
        choices=[(hour, f"{hour}:00") for hour in range(24)],
    )

    class Meta:
        model = AlertSubscription
        fields = ["at_once", "sorts", "quiet_from", "quiet_to", "urgent", "digest", "digest_hour", "all_quiet", "muted"]
        labels = {
            "at_once": gettext_lazy("E-mail at once when something needs a person"),
            "digest": gettext_lazy("One e-mail a day with everything that waits"),
            "all_quiet": gettext_lazy("Also when nothing waits"),
            "muted": gettext_lazy("Clients that you do not want to hear of"),
        }
        widgets = {"muted": forms.CheckboxSelectMultiple()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["muted"].queryset = clients_of(self.instance.user)  # type: ignore[attr-defined]

    def save(self, commit: bool = True) -> AlertSubscription:
        if {"digest", "digest_hour"} & set(self.changed_data):
            begin_tomorrow(self.instance, timezone.now())
        saved: AlertSubscription = super().save(commit)
        return saved


class ChannelForm(ReceiverForm):
    """A webhook of the firm or of one client."""

    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone of the quiet hours"), choices=[(zone, zone) for zone in TIME_ZONES]
    )

    class Meta:
        model = AlertChannel
        fields = ["name", "url", "language", "sorts", "quiet_from", "quiet_to", "urgent", "time_zone"]
        labels = {
            "name": gettext_lazy("Name"),
            "url": gettext_lazy("Address"),
            "language": gettext_lazy("Language of the sentences"),
        }
        help_texts = {"url": gettext_lazy("It gets a POST with JSON, over HTTPS.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.client_id is not None:
            # The queue is the whole firm's matter.
            self._choices("sorts", tuple(sort for sort in SORTS if sort != "queue"))
            self._choices("urgent", tuple(sort for sort in MAY_BE_URGENT if sort != "queue"))

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip().partition("#")[0]
        schemes = ("https", "http") if settings.INTEGRATOR_ALLOW_LOOPBACK else ("https",)
        try:
            parts = urlsplit(url)
            known = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            raise forms.ValidationError(
                _("This is no address. Write it whole, as https://example.pl/alerts.")
            ) from None
        if not known or any(letter.isspace() for letter in url):
            raise forms.ValidationError(_("This is no address. Write it whole, as https://example.pl/alerts."))
        if parts.username is not None:
            raise forms.ValidationError(_("No login in the address: deliveries are signed instead."))
        return url
