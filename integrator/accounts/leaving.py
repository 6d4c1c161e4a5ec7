"""Somebody who used the panel and wants to be forgotten: the account stays as a number that decisions point to."""

import secrets

from django.db import models, transaction

from integrator.accounts.models import AuditEntry, Invitation, User


def forget_user(user: User) -> None:
    """Take away name, e-mail, roles, ways to sign in, sessions and alerts. The record of decisions keeps that one and
    the same person made them, and no longer who that was."""
    with transaction.atomic():
        Invitation.objects.filter(email__iexact=user.email).delete()
        for relation in user._meta.related_objects:
            # What would go with the account is the person's own; what only points to it, decisions above all, stays.
            if relation.on_delete is models.CASCADE:
                relation.related_model._default_manager.filter(**{relation.field.name: user}).delete()
        nobody = f"forgotten-{user.pk}@localhost"
        # What others decided about the person (roles, invitations, a new password) is recorded under the e-mail.
        AuditEntry.objects.filter(subject__iexact=user.email).update(subject=nobody)
        user.name, user.email = "", nobody
        user.is_active = False
        user.sign_in_mark = secrets.token_hex(16)
        user.set_unusable_password()
        user.save()
