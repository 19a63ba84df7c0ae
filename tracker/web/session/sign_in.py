"""Signing in by a letter, without a password, and signing out."""

import re
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts import queries as reading
from tracker.accounts import sign_in as signing_in
from tracker.accounts.email_addresses import NotAnAddress, masked_address, normalised_address
from tracker.accounts.model import SignInCode
from tracker.accounts.sign_in import Answer
from tracker.ids import new_id
from tracker.web.http.auth import SignedIn, let_in, see_off, signed_in_or_none
from tracker.web.http.security import keep_address_secret
from tracker.web.http.services import parts

HOME = "/orders"
A_PATH_OF_OURS = re.compile(r"/(?![/\\])[^\\\x00-\x1f\x7f]{0,500}")
"""Browsers read \\ as /, skip tabs and line ends, and take what follows // for another site."""
SIX_DIGITS = re.compile(r"\d{6}", re.ASCII)

blueprint = Blueprint("session", __name__)


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask for the address."""
    if _sees_everything(signed_in_or_none()):
        return redirect(_next(request.args), 303)
    return _sign_in_page(_next(request.args), left="left" in request.args)


@blueprint.post("/sign-in")
def ask_for_letter() -> ResponseReturnValue:
    """Send a letter, if we know the address; the answer is the same if we don't."""
    typed = request.form.get("email", "")
    try:
        address = normalised_address(typed)
    except NotAnAddress as error:
        return _sign_in_page(_next(request.form), typed=typed, error=str(error)), 422

    settings, now = parts().settings, clock.now()
    with parts().database.writing() as session:
        asked = signing_in.ask_to_sign_in(
            session, address, client=request.remote_addr or "", settings=settings, now=now
        )
    cookie["asked"] = {"id": _id_to_try(asked, address), "address": address, "next": _next(request.form)}
    return redirect(url_for("session.code"), 303)


@blueprint.get("/sign-in/code")
def code() -> ResponseReturnValue:
    """Ask for the code from the letter."""
    asked: dict[str, str] | None = cookie.get("asked")
    if _sees_everything(signed_in_or_none()) or not asked:
        return redirect(url_for("session.sign_in"), 303)
    return _code_page(asked)


@blueprint.post("/sign-in/code")
def enter_code() -> ResponseReturnValue:
    """Sign in with the code from the letter that this browser asked for last."""
    asked: dict[str, str] | None = cookie.get("asked")
    if not asked:
        return redirect(url_for("session.sign_in"), 303)
    typed = re.sub(r"[\s-]", "", request.form.get("code", ""))
    if not SIX_DIGITS.fullmatch(typed):
        return _code_page(asked, error="The code has six digits."), 422

    now, token = clock.now(), None
    with parts().database.writing() as session:
        letter = reading.sign_in_code_by_id(session, asked["id"])
        answer = Answer.DEAD
        if letter:
            tried = reading.tries_for_address(session, letter.email, since=now - signing_in.A_DAY)
            answer = signing_in.try_code(letter, typed, tried_today=tried, settings=parts().settings, now=now)
        if letter and letter.customer and answer is Answer.WELCOME:
            token = signing_in.start_session(session, letter.customer, keep=_keep(), now=now)
    if not token:
        return _code_page(asked, answer=answer), 422
    let_in(token, keep=_keep())
    return redirect(asked["next"], 303)


@blueprint.get(f"{signing_in.LINK_PATH}<secret>")
def open_link(secret: str) -> ResponseReturnValue:
    """Take the secret out of the address bar. Programs that look at letters open links too, so this uses nothing up."""
    cookie["link"] = secret
    return keep_address_secret(Response(status=303, headers={"Location": url_for("session.link")}))


@blueprint.get("/sign-in/link")
def link() -> ResponseReturnValue:
    """Offer to sign in whoever the link's letter was for."""
    with parts().database.reading() as session:
        letter = reading.sign_in_code_by_link(session, cookie.get("link", ""), to_use=False)
        customer = letter.customer if letter and signing_in.is_open(letter, clock.now()) else None
    already = signed_in_or_none()
    if already and (not customer or (customer.id == already.customer_id and _sees_everything(already))):
        return redirect(HOME, 303)
    if not customer:
        return render_template("session/dead_link.html"), 410
    return render_template("session/link.html", address=masked_address(customer.email or ""), already=already)


@blueprint.post("/sign-in/link")
def use_link() -> ResponseReturnValue:
    """Sign in with the link that this browser has opened."""
    now, token = clock.now(), None
    with parts().database.writing() as session:
        letter = reading.sign_in_code_by_link(session, cookie.get("link", ""), to_use=True)
        if letter and letter.customer and signing_in.use_link(letter, now=now):
            token = signing_in.start_session(session, letter.customer, keep=_keep(), now=now)
    if not token:
        return render_template("session/dead_link.html"), 410
    next_path: str = cookie.get("asked", {}).get("next", HOME)
    let_in(token, keep=_keep())
    return redirect(next_path, 303)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session here, not only in this browser."""
    see_off()
    response = redirect(url_for("session.sign_in", left=""), 303)
    # Not "cache": it holds nothing personal (pages are no-store). Not "cookies": those of neighbouring sites would go.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def _sees_everything(visitor: SignedIn | None) -> bool:
    """Whether somebody is signed in who has nothing to gain from signing in: not just at the word of one shop."""
    return visitor is not None and visitor.only_at is None


def _id_to_try(asked: SignInCode | None, address: str) -> str:
    """Which letter this browser may type the code of: the newest for this address. No letter: one that never comes."""
    before = cookie.get("asked", {})
    if asked:
        return asked.id
    return str(before["id"]) if before.get("address") == address else new_id(clock.now())


def _sign_in_page(next_path: str, *, left: bool = False, typed: str = "", error: str = "") -> str:
    return render_template("session/sign_in.html", next=next_path, left=left, typed=typed, error=error)


def _code_page(asked: dict[str, str], *, answer: Answer | None = None, error: str = "") -> str:
    in_mailbox = parts().settings.is_development and not parts().settings.smtp_url.get_secret_value()
    shown = {"address": asked["address"], "next": asked["next"], "in_mailbox": in_mailbox}
    return render_template("session/code.html", **shown, answer=answer, error=error)


def _keep() -> bool:
    return "keep" in request.form


def _next(source: Any) -> str:
    """The page that was wanted, if it is one of ours."""
    wanted = str(source.get("next", ""))
    return wanted if A_PATH_OF_OURS.fullmatch(wanted) else HOME
