"""The public doors to news without signing: ask, confirm, stop."""

from http import HTTPStatus

from flask import Blueprint, Response, make_response, render_template, request

from campaigns.abuse.rules import network_of
from campaigns.campaign.answers import published_at
from campaigns.campaign.guard import danger_from, warned
from campaigns.campaign.queries import CampaignFacts
from campaigns.subscriptions import checks, operations, queries
from campaigns.subscriptions.forms import NewsForm
from campaigns.subscriptions.operations import LinkGone
from campaigns.subscriptions.rules import PENDING_KEPT, State
from campaigns.web.caching import kept_page, with_holes
from campaigns.web.context import now, session
from campaigns.web.guard import takes_posts_from_elsewhere
from campaigns.web.headers import private

blueprint = Blueprint("subscriptions", __name__)
BAIT = "homepage"


@blueprint.get("/campaigns/<slug>/news")
@kept_page
def news_page(slug: str) -> Response:
    """Show the form, and nothing else."""
    return make_response(_form_page(published_at(slug), NewsForm(formdata=None)))


@blueprint.post("/campaigns/<slug>/news", endpoint="subscribe")
def subscribe(slug: str) -> Response:
    """Say to check the mail: the same answer for every address.

    Before anything is stored or mailed, ask again where the address is wrong or a field was filled in that people
    cannot see (422), and where the employer would read the mail (409).
    """
    campaign, form = published_at(slug), NewsForm(request.form)
    is_trapped = bool(request.form.get(BAIT))
    if not form.validate() or is_trapped:
        return make_response(_form_page(campaign, form, is_trapped), HTTPStatus.UNPROCESSABLE_ENTITY)
    email = form.email.data or ""
    if danger := danger_from(campaign.employer, email):
        return warned("subscriptions/at_work.html", danger, email, campaign=campaign)
    operations.subscribe(session(), campaign, email, network=network_of(request.remote_addr), now=now())
    return private(_check_mail(campaign, email))


@blueprint.get("/news/<token>")
def confirm_page(token: str) -> Response:
    """Show one button. Opening the link does nothing: mail scanners open links too."""
    found = queries.behind_link(session(), token, now())
    if found is None:
        return _link_gone()
    return private(render_template("subscriptions/confirm.html", asked=found, is_done=found.state is State.CONFIRMED))


@blueprint.post("/news/<token>", endpoint="confirm")
def confirm(token: str) -> Response:
    """Confirm; pressed twice it says the same."""
    found = operations.confirm(session(), token, now=now())
    return private(render_template("subscriptions/confirm.html", asked=found, is_done=True))


@blueprint.get("/news/stop/<token>")
def stop_page(token: str) -> Response:
    """Show one button. Opening the link stops nothing."""
    if checks.mailbox_behind(token) is None:
        return _link_gone()
    return private(render_template("subscriptions/stop.html", is_done=False))


@blueprint.post("/news/stop/<token>", endpoint="stop")
@takes_posts_from_elsewhere  # a mail program's one click (RFC 8058): the link itself proves whose it is
def stop(token: str) -> Response:
    """Stop, for a person and for a mail program alike; twice it says the same."""
    operations.stop_by_link(session(), token)
    return private(render_template("subscriptions/stop.html", is_done=True))


@blueprint.errorhandler(LinkGone)
def _refused(_refusal: LinkGone) -> Response:
    return _link_gone()


def _form_page(campaign: CampaignFacts, form: NewsForm, is_trapped: bool = False) -> str:
    return render_template("subscriptions/news.html", campaign=campaign, form=form, is_trapped=is_trapped)


def _check_mail(campaign: CampaignFacts, email: str) -> str:
    return with_holes(
        ("check mail for news", campaign.slug),
        {"email": email},
        lambda marks: render_template(
            "subscriptions/check_mail.html", campaign=campaign, email=marks["email"], days=PENDING_KEPT.days
        ),
    )


def _link_gone() -> Response:
    return private(render_template("subscriptions/link_gone.html"), LinkGone.status)
