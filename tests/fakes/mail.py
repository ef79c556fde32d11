"""A mail server in memory."""

import re
import threading

from campaigns.kernel.ports import Message


class FakeMailer:
    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.refusing: Exception | None = None
        self.arrived = threading.Event()  # for a test that waits for the next one; it clears it

    def send(self, message: Message) -> None:
        if self.refusing:
            raise self.refusing
        self.sent.append(message)
        self.arrived.set()

    def to(self, address: str) -> list[Message]:
        return [message for message in self.sent if message.to == address]

    def link(self, address: str, path: str) -> str:
        """The newest link under `path` in a mail to `address`, without the site's own address."""
        for message in reversed(self.to(address)):
            if found := re.search(rf"https?://[^/\s]+({re.escape(path)}\S*)", message.text):
                return found[1]
        raise AssertionError(f"no link {path} in the mails to {address}")
