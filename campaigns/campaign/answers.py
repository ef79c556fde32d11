"""What every door that is about one campaign begins with."""

from campaigns.campaign import queries
from campaigns.campaign.operations import NoSuchCampaign
from campaigns.campaign.queries import CampaignFacts
from campaigns.web.context import now, session


def campaign_at(slug: str) -> CampaignFacts:
    """Return the campaign at `slug` in any state: for the desk. Raises NoSuchCampaign."""
    return _there(queries.find_by_slug(session(), slug, now()))


def petition_at(slug: str) -> CampaignFacts:
    """Return the campaign at `slug` in any state, if it has a petition: for the desk. Raises NoSuchCampaign."""
    return _with_petition(campaign_at(slug))


def published_at(slug: str) -> CampaignFacts:
    """Return the published campaign at `slug`, open or closed: for everybody. Raises NoSuchCampaign."""
    return _there(queries.find_published(session(), slug, now()))


def published_petition_at(slug: str) -> CampaignFacts:
    """Return the published campaign at `slug`, open or closed, if it has a petition. Raises NoSuchCampaign."""
    return _with_petition(published_at(slug))


def _there(campaign: CampaignFacts | None) -> CampaignFacts:
    if campaign is None:
        raise NoSuchCampaign
    return campaign


def _with_petition(campaign: CampaignFacts) -> CampaignFacts:
    if not campaign.has_petition:
        raise NoSuchCampaign
    return campaign
