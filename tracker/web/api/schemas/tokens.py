"""Request and response models of access tokens."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from tracker.accounts.access_tokens import MAX_STATUS_LIFETIME
from tracker.accounts.model import AccessToken, Scope
from tracker.web.api.parsing import RequestModel, with_example
from tracker.web.api.schemas.customer import OrderId, ShopCustomerId, ShopCustomerRequest
from tracker.web.api.schemas.fields import ID, to_integer
from tracker.web.api.schemas.response_model import ResponseModel

DEFAULT_LIFETIME = timedelta(days=30)
DEFAULT_STATUS_LIFETIME = timedelta(minutes=10)
MIN_LIFETIME, MAX_LIFETIME = timedelta(minutes=1), timedelta(days=366)

Key = Annotated[str, Field(pattern="^[!-~]{1,64}$")]


def seconds(lifetime: timedelta) -> int:
    """Return the whole seconds of the duration, for the document."""
    return lifetime // timedelta(seconds=1)


class AccessTokenRequest(RequestModel):
    """The token to issue, for one of `order_id` and `customer`. It gives access to orders of your restaurant only."""

    model_config = with_example(
        key="the-key-of-your-application",
        order_id="52a7289e96ba1c6209000003",
        scopes=["status"],
        origin="https://shop.example.com",
    )

    key: Key = Field(description="The application’s API key.")
    order_id: OrderId | None = Field(None, description="The single order that the token gives access to.")
    customer: ShopCustomerRequest | None = Field(
        None, description="The customer whose orders it gives access to, including future ones."
    )
    scopes: Annotated[list[Annotated[Scope, Field(strict=False)]], Field(min_length=1, max_length=len(Scope))] = Field(
        [Scope.LISTEN],
        description="`listen`: the channels `private-o-{order_id}` with all their messages. `status`: the "
        "widget with the status of one order.",
    )
    origin: Annotated[str, Field(max_length=300)] | None = Field(
        None, description="Only with `status`: the application’s origin whose pages may show the widget."
    )
    expires_in: (
        Annotated[int, Field(ge=seconds(MIN_LIFETIME), le=seconds(MAX_LIFETIME)), BeforeValidator(to_integer)] | None
    ) = Field(
        None,
        description=f"Seconds. With `status` at most {seconds(MAX_STATUS_LIFETIME)} and by default "
        f"{seconds(DEFAULT_STATUS_LIFETIME)}; otherwise by default 30 days.",
    )

    @property
    def lifetime(self) -> timedelta:
        """Return how long the token is valid."""
        if self.expires_in is not None:
            return timedelta(seconds=self.expires_in)
        return DEFAULT_STATUS_LIFETIME if Scope.STATUS in self.scopes else DEFAULT_LIFETIME


class TokenResponse(ResponseModel):
    """An access token and what it gives access to. The token itself is not shown again."""

    id: str = Field(description="The id with which the token is revoked.")
    scopes: list[Scope]
    order_id: str | None
    origin: str | None
    created_at: datetime
    expires_at: datetime


class NewTokenResponse(TokenResponse):
    """A new access token. The token itself is shown only in this response, because only its hash is stored."""

    access_token: str


class TokenFilter(RequestModel):
    """A filter of the valid access tokens that the restaurant has issued."""

    order_id: OrderId | None = Field(None, description="Only the tokens of this order.")
    customer_id: ShopCustomerId | None = Field(
        None, description="Only the tokens of the customer with this id in your shop."
    )
    key: Key | None = Field(None, description="Only the tokens of the application with this API key.")


class TokenPageQuery(TokenFilter):
    """The filter of a list of access tokens, with the start of its page."""

    before: str | None = Field(None, pattern=ID, description="The `next` of the previous page: its last token.")


class TokenListResponse(ResponseModel):
    """A page of tokens, newest first."""

    access_tokens: list[TokenResponse]
    next: str | None = Field(description="The value of `before` for the next page; null if this is the last one.")


class RevokedResponse(ResponseModel):
    """The numbers of access tokens, sign-in addresses and sessions that were revoked."""

    access_tokens: int
    sign_in_addresses: int = Field(description="Sign-in addresses that had not been used yet.")
    sessions: int = Field(description="Sessions of customers who had signed in by a sign-in address of your shop.")


def token_response(stored: AccessToken) -> TokenResponse:
    """Return the response model of a stored token."""
    return TokenResponse(**_facts(stored))


def new_token_response(stored: AccessToken, token: str) -> NewTokenResponse:
    """Return the response model of a token that was just issued, with the token itself."""
    return NewTokenResponse(**_facts(stored), access_token=token)


def _facts(stored: AccessToken) -> dict[str, Any]:
    names = ("id", "scopes", "order_id", "origin", "created_at")
    return {name: getattr(stored, name) for name in names} | {"expires_at": stored.ends_at}
