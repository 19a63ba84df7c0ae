"""Reusable sign-in addresses of the demo, without an e-mail. They exist in development only and need its secret."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from tracker import clock
from tracker.accounts.queries import customer_by_address
from tracker.accounts.sign_in import start_session
from tracker.accounts.tokens import hash_secret, verify_secret
from tracker.samples.demo_people import DEMO_ADDRESS, KITCHEN_ADDRESS
from tracker.web.http.auth import sign_in_customer
from tracker.web.http.services import services

blueprint = Blueprint("demo_sign_in", __name__)


@blueprint.get("/demo/<key>")
def sign_in_as_customer(key: str) -> ResponseReturnValue:
    """Sign the demo's customer in and redirect to their orders. 404 if the key is wrong."""
    _sign_in(key, DEMO_ADDRESS)
    return redirect(url_for("customer.orders"), 303)


@blueprint.get("/demo/<key>/console")
def sign_in_as_owner(key: str) -> ResponseReturnValue:
    """Sign the owner of the demo's restaurant in and redirect to its console. 404 if the key is wrong."""
    _sign_in(key, KITCHEN_ADDRESS)
    return redirect("/console", 303)


def _sign_in(key: str, address: str) -> None:
    if not verify_secret(key, hash_secret(services().settings.demo_door.get_secret_value())):
        raise NotFound
    with services().database.transaction() as session:
        customer = customer_by_address(session, address)
        if customer is None:
            raise NotFound
        token = start_session(session, customer, remember=True, now=clock.now())
    sign_in_customer(token, remember=True)
