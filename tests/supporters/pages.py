"""Short words for what somebody does on their own page."""

from dataclasses import dataclass

from sqlalchemy import select
from werkzeug.test import TestResponse

from campaigns.signatures import queries
from campaigns.signatures.models import Signature
from campaigns.signatures.queries import Count
from tests.make import SIGN, World


@dataclass
class OwnPage:
    """A supporter who has opened the mailed link."""

    world: World
    path: str

    @classmethod
    def asked(cls, world: World, email: str = SIGN["email"]) -> "OwnPage":
        """Ask for the link on the web, and take it out of the mail."""
        assert world.client.post("/my", data={"email": email}).status_code == 200
        world.run_worker()
        return cls(world, world.mailer.link(email, "/my/"))

    @property
    def token(self) -> str:
        return self.path.rpartition("/")[2]

    def see(self, rest: str = "") -> TestResponse:
        return self.world.client.get(self.path + rest)

    def post(self, rest: str, **data: str) -> TestResponse:
        return self.world.client.post(f"{self.path}/{rest}", data=data)

    def of(self, rest: str = "") -> str:
        """The address of the newest signature's doors."""
        with self.world.reading() as session:
            signature_id = session.scalars(select(Signature.id).order_by(Signature.created_at.desc())).first()
        return f"signatures/{signature_id}{rest}"

    def change(self, **changes: str) -> TestResponse:
        fields = {"name": "Maria Ortiz", "visibility": "delivered", "comment": ""}
        return self.post(self.of(), **fields | changes)

    def withdraw(self) -> TestResponse:
        return self.post(self.of("/withdraw"))


def counted(world: World, slug: str = "rescind") -> Count:
    """The count after the counting job; it must be what counting rows gives."""
    world.run_worker()
    with world.reading() as session:
        count = queries.count_of(session, world.campaign(slug).id)
        assert count == queries.recount(session, world.campaign(slug).id)
    return count


def signatures(world: World) -> list[Signature]:
    with world.reading() as session:
        return list(session.scalars(select(Signature).order_by(Signature.created_at)))
