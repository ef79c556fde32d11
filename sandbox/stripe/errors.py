"""Refusals in the shape of Stripe's error objects."""

from typing import Any

from sandbox.stripe.store import Json


class ApiError(Exception):
    """An error that goes to the caller as JSON.

    `saved` says that work had begun, so that the same idempotency key gives the same refusal again; a request that
    failed validation is not remembered (https://docs.stripe.com/api/idempotent_requests).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        saved: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.param = param
        self.code = code
        self.saved = saved

    def body(self) -> Json:
        """Return `{"error": {...}}` with the fields that are known."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.param:
            error["param"] = self.param
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://docs.stripe.com/error-codes#{self.code.replace('_', '-')}"
        return {"error": error}


def no_such(noun: str, identity: str, param: str = "id", status: int = 404) -> ApiError:
    """Return the error for an id that names nothing; `status` is 400 where a parameter, not the address, named it."""
    return ApiError(f"No such {noun}: '{identity}'", status=status, param=param, code="resource_missing")


def missing(param: str) -> ApiError:
    """Return the error for a parameter that must be sent."""
    return ApiError(f"Missing required param: {param}.", param=param, code="parameter_missing")


def exclusive(*params: str) -> ApiError:
    """Return the error for parameters that cannot be sent together."""
    named = ", ".join(params)
    return ApiError(
        f"You may only specify one of these parameters: {named}.", param=params[0], code="parameters_exclusive"
    )


def not_here(param: str, what: str) -> ApiError:
    """Return the error for something that Stripe can do and this stand-in cannot."""
    return ApiError(f"This stand-in for Stripe does not do {what}. Stripe itself does.", param=param)
