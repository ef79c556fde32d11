"""What every door that shows a fund answers with."""

from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.campaign.queries import CampaignFacts
from campaigns.donations import queries
from campaigns.donations.queries import FundShown
from campaigns.web.caching import kept_value


def funds_shown(session: Session, campaign: CampaignFacts) -> list[FundShown]:
    """Return every open fund of a campaign with its figures of now; how many people gave may be of a moment ago."""
    return queries.funds_shown(session, campaign, _givers)


def _givers(session: Session, fund_id: UUID) -> int:
    """At 100,000 gifts to one fund it takes half a second to tell."""
    return kept_value(("givers", fund_id), lambda: queries.givers(session, fund_id), is_costly=True)
