"""The restaurant's ordering system, which calls the API, and the customer, who presses the buttons of their page."""

import json
import urllib.request
import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode, urljoin


@dataclass
class Restaurant:
    """A restaurant that calls the API with its secret."""

    address: str
    id: str
    secret: str
    customer: str
    """The e-mail address of the customer."""

    def place(self, **more: Any) -> str:
        """Place an order and return its id."""
        lines = [
            {
                "id": "52a7289e96ba1c6209000011",
                "name": "Margherita",
                "quantity": 2,
                "unit_price": "12.50",
                "options": [{"name": "Extra cheese", "price": "1.50"}],
            },
            {"id": "52a7289e96ba1c6209000012", "name": "Tiramisu", "quantity": 1, "unit_price": "6.50"},
        ]
        customer = {"email": self.customer, "email_verified": True, "name": "Robin Sample"}
        order = {"customer": customer, "lines": lines, "fulfilment": "delivery"}
        response = self._post("", order | more, {"Idempotency-Key": str(uuid.uuid4())})
        return str(response["id"])

    def act(self, order: str, act: str, **body: Any) -> None:
        """Run one of confirm, adjust, reject and progress on an order."""
        self._post(f"/{order}/{act}", body, {})

    def _post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        headers |= {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        where = f"{self.address}/api/v1/restaurants/{self.id}/orders{path}"
        request = urllib.request.Request(where, json.dumps(body).encode(), headers)  # noqa: S310  our own address
        with urllib.request.urlopen(request, timeout=15) as response:  # noqa: S310  our own address
            return dict(json.load(response))


@dataclass
class Customer:
    """A customer with a browser without JavaScript, who signs in by the address `way_in`."""

    address: str
    way_in: str

    def __post_init__(self) -> None:
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._get(self.way_in)

    def press(self, order: str, act: str) -> None:
        """Send the form of the order's page for this act: accept, reject or cancel."""
        page = f"{self.address}/orders/{order}"
        forms = Forms()
        forms.feed(self._get(page))
        [form] = [form for form in forms.found if urljoin(page, form.action).endswith(f"/{act}")]
        with self._browser.open(urljoin(page, form.action), urlencode(form.fields).encode(), timeout=15) as response:
            assert response.status == 200

    def _get(self, address: str) -> str:
        with self._browser.open(address, timeout=15) as response:
            return str(response.read().decode())


@dataclass
class Form:
    """The address to which a form of a page is sent, and its hidden fields."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """Finds the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.found.append(Form(values.get("action", "")))
        if tag == "input" and self.found and values.get("type") == "hidden":
            self.found[-1].fields[values["name"]] = values.get("value", "")
