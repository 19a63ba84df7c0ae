"""Signing in by a code or link in an e-mail, without a password, and signing out."""

import re
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts import queries
from tracker.accounts import sign_in as signing_in
from tracker.accounts.email_addresses import InvalidEmailAddress, mask_email, normalise_email
from tracker.accounts.model import SignInCode
from tracker.accounts.sign_in import SignInResult
from tracker.ids import new_id
from tracker.web.http.auth import SignedInCustomer, current_customer, sign_in_customer, sign_out_customer
from tracker.web.http.security import protect_secret_url
from tracker.web.http.services import services

HOME = "/orders"
LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x1f\x7f]{0,500}")
"""A path on this site. Browsers read \\ as /, skip tabs and line ends, and take what follows // for another site."""
SIX_DIGITS = re.compile(r"\d{6}", re.ASCII)

blueprint = Blueprint("session", __name__)


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Show the form for the e-mail address."""
    if _has_full_access(current_customer()):
        return redirect(_next_path(request.args), 303)
    return _sign_in_page(_next_path(request.args), left="left" in request.args)


@blueprint.post("/sign-in")
def request_code() -> ResponseReturnValue:
    """Send an e-mail if a customer has this address. The response is the same if nobody has it."""
    typed = request.form.get("email", "")
    try:
        address = normalise_email(typed)
    except InvalidEmailAddress as error:
        return _sign_in_page(_next_path(request.form), typed=typed, error=str(error)), 422

    settings, now = services().settings, clock.now()
    with services().database.transaction() as session:
        sign_in_code = signing_in.request_sign_in_code(
            session, address, client=request.remote_addr or "", settings=settings, now=now
        )
    cookie["asked"] = {"id": _code_id(sign_in_code, address), "address": address, "next": _next_path(request.form)}
    return redirect(url_for("session.code"), 303)


@blueprint.get("/sign-in/code")
def code() -> ResponseReturnValue:
    """Show the form for the code from the e-mail."""
    pending: dict[str, str] | None = cookie.get("asked")
    if _has_full_access(current_customer()) or not pending:
        return redirect(url_for("session.sign_in"), 303)
    return _code_page(pending)


@blueprint.post("/sign-in/code")
def submit_code() -> ResponseReturnValue:
    """Sign in with the code of the last e-mail that this browser requested."""
    pending: dict[str, str] | None = cookie.get("asked")
    if not pending:
        return redirect(url_for("session.sign_in"), 303)
    typed = re.sub(r"[\s-]", "", request.form.get("code", ""))
    if not SIX_DIGITS.fullmatch(typed):
        return _code_page(pending, error="The code has six digits."), 422

    now, token = clock.now(), None
    with services().database.transaction() as session:
        sign_in_code = queries.sign_in_code_by_id(session, pending["id"])
        result = SignInResult.EXPIRED
        if sign_in_code:
            attempts = queries.tries_for_address(session, sign_in_code.email, since=now - signing_in.A_DAY)
            result = signing_in.check_code(
                sign_in_code, typed, attempts_today=attempts, settings=services().settings, now=now
            )
        if sign_in_code and sign_in_code.customer and result is SignInResult.ACCEPTED:
            token = signing_in.start_session(session, sign_in_code.customer, remember=_remember(), now=now)
    if not token:
        return _code_page(pending, result=result), 422
    sign_in_customer(token, remember=_remember())
    return redirect(pending["next"], 303)


@blueprint.get(f"{signing_in.LINK_PATH}<secret>")
def open_link(secret: str) -> ResponseReturnValue:
    """Move the link's secret from the URL into the cookie and redirect.

    The link is not used up yet, because mail scanners open links, too.
    """
    cookie["link"] = secret
    return protect_secret_url(Response(status=303, headers={"Location": url_for("session.link")}))


@blueprint.get("/sign-in/link")
def link() -> ResponseReturnValue:
    """Offer to sign in the customer to whom the e-mail with the link was sent."""
    with services().database.read_session() as session:
        sign_in_code = queries.sign_in_code_by_link(session, cookie.get("link", ""), for_update=False)
        customer = sign_in_code.customer if sign_in_code and signing_in.is_open(sign_in_code, clock.now()) else None
    current = current_customer()
    if current and (not customer or (customer.id == current.customer_id and _has_full_access(current))):
        return redirect(HOME, 303)
    if not customer:
        return render_template("session/expired_link.html"), 410
    return render_template("session/link.html", address=mask_email(customer.email or ""), current=current)


@blueprint.post("/sign-in/link")
def use_link() -> ResponseReturnValue:
    """Sign in with the link that this browser opened last."""
    now, token = clock.now(), None
    with services().database.transaction() as session:
        sign_in_code = queries.sign_in_code_by_link(session, cookie.get("link", ""), for_update=True)
        if sign_in_code and sign_in_code.customer and signing_in.use_link(sign_in_code, now=now):
            token = signing_in.start_session(session, sign_in_code.customer, remember=_remember(), now=now)
    if not token:
        return render_template("session/expired_link.html"), 410
    next_path: str = cookie.get("asked", {}).get("next", HOME)
    sign_in_customer(token, remember=_remember())
    return redirect(next_path, 303)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session in the database, not only in this browser."""
    sign_out_customer()
    response = redirect(url_for("session.sign_in", left=""), 303)
    # "cache" is not cleared: it contains nothing personal. "cookies" would also delete those of neighbouring sites.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def _has_full_access(visitor: SignedInCustomer | None) -> bool:
    """Return whether a customer is signed in with a session that is not restricted to one restaurant."""
    return visitor is not None and visitor.only_restaurant_id is None


def _code_id(sign_in_code: SignInCode | None, address: str) -> str:
    """Return the id of the code that this browser may enter: the newest for this address.

    If no code was sent, keep the id of the code sent before to this address, or return an unused id: the response must
    not reveal whether the address is known.
    """
    before = cookie.get("asked", {})
    if sign_in_code:
        return sign_in_code.id
    return str(before["id"]) if before.get("address") == address else new_id(clock.now())


def _sign_in_page(next_path: str, *, left: bool = False, typed: str = "", error: str = "") -> str:
    return render_template("session/sign_in.html", next=next_path, left=left, typed=typed, error=error)


def _code_page(pending: dict[str, str], *, result: SignInResult | None = None, error: str = "") -> str:
    in_mailbox = services().settings.is_development and not services().settings.smtp_url.get_secret_value()
    context = {"address": pending["address"], "next": pending["next"], "in_mailbox": in_mailbox}
    return render_template("session/code.html", **context, result=result, error=error)


def _remember() -> bool:
    return "keep" in request.form


def _next_path(source: Any) -> str:
    """Return the path in `next` if it is on this site, otherwise HOME."""
    path = str(source.get("next", ""))
    return path if LOCAL_PATH.fullmatch(path) else HOME
