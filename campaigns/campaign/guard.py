"""What stands between a form and an employer who would read of it."""

from http import HTTPStatus

from flask import Response, render_template, request

from campaigns.campaign.employer import Danger, Employer
from campaigns.web.headers import private

INSISTS = "anyway"


def danger_from(employer: Employer, email: str) -> Danger | None:
    """Return what of the form just sent would reach the target by itself; None where its sender was told and insists.

    The page that tells is `warned`. Insisting holds for one sending: a form that is shown anew warns anew.
    """
    return None if INSISTS in request.form else employer.danger(email, request.remote_addr)


def warned(template: str, danger: Danger, email: str, **values: object) -> Response:
    """Say why this address or network is dangerous, carry on what was typed, and store nothing anywhere.

    `template` fills in the blocks of `campaign/at_work.html`; `values` are what its words need.
    """
    typed = [pair for pair in request.form.items(multi=True) if pair[0] not in ("email", INSISTS)]
    page = render_template(template, danger=danger, email=email, typed=typed, path=request.path, **values)
    return private(page, HTTPStatus.CONFLICT)
