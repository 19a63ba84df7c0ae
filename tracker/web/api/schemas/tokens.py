"""What a program says of an access token that it asks for, and what it is told of those that there are."""

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
USUAL_STATUS_LIFE = timedelta(minutes=10)
SHORTEST_LIFE, MAX_LIFETIME = timedelta(minutes=1), timedelta(days=366)

Key = Annotated[str, Field(pattern="^[!-~]{1,64}$")]


def seconds(life: timedelta) -> int:
    """How long that is, for the document."""
    return life // timedelta(seconds=1)


class AccessTokenRequest(RequestModel):
    """For whom, and for what: of `order_id` and `customer` one. It opens orders at your restaurant alone."""

    model_config = with_example(
        key="the-key-of-your-application",
        order_id="52a7289e96ba1c6209000003",
        scopes=["status"],
        origin="https://shop.example.com",
    )

    key: Key = Field(description="The application’s API key.")
    order_id: OrderId | None = Field(None, description="The one order that it opens.")
    customer: ShopCustomerRequest | None = Field(None, description="Whose orders it opens, also those to come.")
    scopes: Annotated[list[Annotated[Scope, Field(strict=False)]], Field(min_length=1, max_length=len(Scope))] = Field(
        [Scope.LISTEN],
        description="`listen`: the channels `private-o-{order_id}`, with all that is said there. `status`: the status "
        "widget of one order.",
    )
    origin: Annotated[str, Field(max_length=300)] | None = Field(
        None, description="With `status`: whose pages may hold the widget, one of the application’s origins."
    )
    expires_in: (
        Annotated[int, Field(ge=seconds(SHORTEST_LIFE), le=seconds(MAX_LIFETIME)), BeforeValidator(to_integer)] | None
    ) = Field(
        None,
        description=f"Seconds. With `status` at most {seconds(MAX_STATUS_LIFETIME)}, and "
        f"{seconds(USUAL_STATUS_LIFE)} if not given; else 30 days if not given.",
    )

    @property
    def life(self) -> timedelta:
        """How long it is to be good."""
        if self.expires_in is not None:
            return timedelta(seconds=self.expires_in)
        return USUAL_STATUS_LIFE if Scope.STATUS in self.scopes else DEFAULT_LIFETIME


class TokenResponse(ResponseModel):
    """A token, by what it opens. The token itself is never shown again."""

    id: str = Field(description="What it is revoked by.")
    scopes: list[Scope]
    order_id: str | None
    origin: str | None
    created_at: datetime
    expires_at: datetime


class NewTokenResponse(TokenResponse):
    """A new token. It is said this once, and kept as a hash."""

    access_token: str


class TokenFilter(RequestModel):
    """Which of the tokens that the restaurant has asked for and that are still valid."""

    order_id: OrderId | None = Field(None, description="Those of this order.")
    customer_id: ShopCustomerId | None = Field(None, description="Those of whom your shop knows by this id.")
    key: Key | None = Field(None, description="Those of this application.")


class TokenPageQuery(TokenFilter):
    """The same, a page at a time."""

    before: str | None = Field(None, pattern=ID, description="The token with which the page before ended: its `next`.")


class TokenListResponse(ResponseModel):
    """A page of tokens, newest first."""

    access_tokens: list[TokenResponse]
    next: str | None = Field(description="Ask again with before=… for the page after this one; null: there is none.")


class RevokedResponse(ResponseModel):
    """How many there were."""

    access_tokens: int
    sign_in_addresses: int = Field(description="Those that nobody had used yet.")
    sessions: int = Field(description="Customers who were signed in here because your shop had said who they are.")


def token_response(kept: AccessToken) -> TokenResponse:
    """What there is to say of a token."""
    return TokenResponse(**_facts(kept))


def new_token_response(kept: AccessToken, token: str) -> NewTokenResponse:
    """The same, with the token itself."""
    return NewTokenResponse(**_facts(kept), access_token=token)


def _facts(kept: AccessToken) -> dict[str, Any]:
    same = ("id", "scopes", "order_id", "origin", "created_at")
    return {name: getattr(kept, name) for name in same} | {"expires_at": kept.ends_at}
