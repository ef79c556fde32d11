"""Reads of how a petition ends."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.endings.models import TargetAnswer
from campaigns.rendering import markdown


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What the target answered; `text` is Markdown. `number` counts the corrections from 1."""

    number: int
    answered_on: date
    answered_by: str
    text: str
    created_at: datetime

    @property
    def is_corrected(self) -> bool:
        """Whether other words stood here before."""
        return self.number > 1

    @property
    def html(self) -> Markup:
        """The answer as sanitised HTML."""
        return markdown.to_html(self.text)


def answers(session: Session, campaign_id: UUID) -> list[AnswerFacts]:
    """Return the answer as it stands, and before it was corrected, the newest words first."""
    rows = session.scalars(
        select(TargetAnswer).where(TargetAnswer.campaign_id == campaign_id).order_by(TargetAnswer.number.desc())
    )
    return [AnswerFacts(row.number, row.answered_on, row.answered_by, row.text, row.created_at) for row in rows]


def answer_of(session: Session, campaign_id: UUID) -> AnswerFacts | None:
    """Return the target's answer as it stands, or None."""
    found = answers(session, campaign_id)
    return found[0] if found else None
