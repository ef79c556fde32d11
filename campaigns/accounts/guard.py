"""Who may open a desk door. Every desk view wears `for_roles`; a test over all routes holds that."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask_security import auth_required, current_user

from campaigns.accounts.rules import may
from campaigns.kernel.errors import Refusal

GUARDED = "_guarded_for_roles"
FRESH_MINUTES = 30


class NotForYou(Refusal):
    """Your account may not open this page. Ask an admin for the role it needs."""

    status = HTTPStatus.FORBIDDEN


def for_roles(*roles: str, fresh: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view be opened by signed-in people who hold one of `roles` (admins always).

    `fresh` asks for the password again where it was entered more than FRESH_MINUTES ago.
    """
    wanted = frozenset(roles)

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not may(roles_held(), wanted):
                raise NotForYou
            return view(*args, **kwargs)

        protected = auth_required("session", within=FRESH_MINUTES if fresh else -1)(guarded)
        setattr(protected, GUARDED, wanted)
        return protected  # type: ignore[no-any-return]  # the library types its decorator loosely

    return guard


def roles_held() -> frozenset[str]:
    """Return the signed-in person's roles."""
    return frozenset(role.name for role in current_user.roles)


def actor() -> str:
    """Return who is acting, for the audit trail."""
    return str(current_user.fs_uniquifier)
