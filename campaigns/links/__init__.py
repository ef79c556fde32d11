"""Absolute addresses for mails and print: the doors whose names outsiders rely on."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses on this site; `site_url` has no trailing slash."""

    site_url: str

    def campaign(self, slug: str, via: str = "") -> str:
        """Return the address of a campaign's page, with the code of who passes it on."""
        return f"{self.site_url}/campaigns/{slug}{f'?via={via}' if via else ''}"

    def sign(self, slug: str) -> str:
        """Return the address of a campaign's sign form."""
        return f"{self.campaign(slug)}/sign"

    def confirm(self, secret: str) -> str:
        """Return the address on which a signature is confirmed."""
        return f"{self.site_url}/confirm/{secret}"

    def not_me(self, secret: str) -> str:
        """Return the address on which somebody undoes what was signed with their address."""
        return f"{self.site_url}/not-me/{secret}"

    def own_page(self, secret: str) -> str:
        """Return the address of a supporter's own page; without a secret, where its link is asked for."""
        return f"{self.site_url}/my/{secret}" if secret else f"{self.site_url}/my"

    def confirm_news(self, secret: str) -> str:
        """Return the address on which somebody confirms that they want news."""
        return f"{self.site_url}/news/{secret}"

    def stop_news(self, secret: str) -> str:
        """Return the address on which news is stopped, by a person or by their mail program."""
        return f"{self.site_url}/news/stop/{secret}"

    def partner(self, secret: str) -> str:
        """Return the address of a partner's own numbers."""
        return f"{self.site_url}/partners/{secret}"

    def donate(self, slug: str, via: str = "") -> str:
        """Return the address of a campaign's donation form, with the code of who sent the giver."""
        return f"{self.campaign(slug)}/donate{f'?via={via}' if via else ''}"

    def donation(self, public_id: str) -> str:
        """Return the address that tells what became of a gift."""
        return f"{self.site_url}/donations/{public_id}"

    def monthly(self, public_id: str) -> str:
        """Return the address that tells whether a monthly payment has begun."""
        return f"{self.site_url}/monthly/{public_id}"

    def monthly_manage(self, secret: str) -> str:
        """Return the address on which the owner of a monthly payment changes it."""
        return f"{self.site_url}/monthly/manage/{secret}"

    @property
    def join(self) -> str:
        """Return the address on which people become members."""
        return f"{self.site_url}/join"

    def verify(self, public_id: str) -> str:
        """Return the address on which a delivered list is checked."""
        return f"{self.site_url}/verify/{public_id}"

    def desk_delivery(self, public_id: str) -> str:
        """Return the address of a delivery at the desk."""
        return f"{self.site_url}/desk/deliveries/{public_id}"

    @property
    def desk_money(self) -> str:
        """Return the address at the desk where the money is shown."""
        return f"{self.site_url}/desk/money/"

    @property
    def webhook(self) -> str:
        """Return the address at which the payment provider rings."""
        return f"{self.site_url}/webhooks/stripe"

    @property
    def site(self) -> str:
        """Return the host of this installation, by which it knows its own sessions at the payment provider."""
        return urlsplit(self.site_url).netloc

    def desk_review(self, slug: str) -> str:
        """Return the address at the desk where a campaign's held signatures stand."""
        return f"{self.site_url}/desk/campaigns/{slug}/review/"
