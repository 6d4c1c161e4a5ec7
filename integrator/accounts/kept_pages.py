"""Pages of a form that was kept: what is in it, in words; why it waits; and what to do where it is too large."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.apps import apps
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from integrator.accounts.kept_forms import Kept


@dataclass(frozen=True, slots=True)
class Told:
    """Fields that have a name on screen with what was typed, how many others there are (ticks of lists, what the page
    itself put in), and the names of what was left out; `unnamed`: of that, how many have no name."""

    rows: list[tuple[str, str]]
    others: int
    left_out: list[str]
    unnamed: int


def send_again(request: HttpRequest, kept: Kept) -> HttpResponse:
    """What was sent when the session had ended, to be sent once more."""
    return render(request, "accounts/kept_form.html", {"kept": kept, "told": told(kept)})


def first(request: HttpRequest, kept: Kept, page: str) -> HttpResponse:
    """What was sent before the person had seen to something that comes first; `page` is the name of where."""
    context = {"kept": kept, "told": told(kept), "first": page, "page": reverse(page)}
    return render(request, "accounts/kept_form.html", context)


def too_large(request: HttpRequest, page: str) -> HttpResponse:
    """Nothing was saved, and it is too much to keep; the browser still has it. `page`: name of what comes first."""
    return render(request, "accounts/too_large.html", {"first": page, "page": reverse(page)}, status=413)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Of a request that was not read at all. It needs no session and no field of the request, which would be read."""
    large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return HttpResponse(render_to_string("errors/400.html", {"too_large": large}), status=400)


def told(kept: Kept) -> Told:
    near = _near(kept.path)
    named = [(_label(name, near), _value(name, value, near)) for name, value in kept.fields]
    rows = [(label, value) for label, value in named if label]
    left_out = [_label(name, near) for name in kept.left_out]
    return Told(rows, len(named) - len(rows), [label for label in left_out if label], left_out.count(""))


def _near(path: str) -> list[type]:
    """The forms and models that the page's own view knows."""
    try:
        module = sys.modules.get(resolve(urlsplit(path).path).func.__module__)
    except Resolver404:
        return []
    known = vars(module).values() if module else ()
    return [one for one in known if isinstance(one, type) and issubclass(one, forms.BaseForm | Model)]


def _all_forms(parent: type) -> Iterator[Any]:
    children: list[type] = parent.__subclasses__()
    for one in children:
        yield one
        yield from _all_forms(one)


def _label(name: str, near: list[type]) -> str:
    """The name on screen: a form's, else that of the column which it goes into; empty where it has none."""
    places: list[Any] = [*near, *_all_forms(forms.BaseForm), *apps.get_models()]
    for one in places:
        if issubclass(one, Model):
            columns = (column for column in one._meta.concrete_fields if column.name == name)
            label = next((column.verbose_name for column in columns), None)
        else:
            field = getattr(one, "base_fields", {}).get(name)
            label = field.label if field is not None else None
        # What nobody gave a label is called after its name in code.
        if isinstance(label, Promise) and str(label):
            return capfirst(str(label))
    return ""


def _value(name: str, value: str, near: list[type]) -> str:
    known = (getattr(one, "base_fields", {}).get(name) for one in [*near, *_all_forms(forms.BaseForm)])
    field = next((one for one in known if one is not None), None)
    if isinstance(field, forms.BooleanField):
        return _("yes")
    if type(field) in (forms.ChoiceField, forms.TypedChoiceField, forms.MultipleChoiceField):
        return str(dict(getattr(field, "choices", ())).get(value, value))
    return value
