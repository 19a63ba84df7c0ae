"""Somebody to whom a customer has sent the link to their order, in a browser of their own."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.customer.adjusted_order import Table


@dataclass
class Friend:
    """Who has the link, and before whom the order is that it shows."""

    table: Table
    client: FlaskClient
    address: str
    link_id: str

    @property
    def path(self) -> str:
        """The link without the site's name."""
        return urlsplit(self.address).path

    @property
    def secret(self) -> str:
        """What of it nobody can guess."""
        return self.path.rpartition("/")[2]

    def page(self) -> TestResponse:
        """What the link leads to."""
        return self.client.get(self.path)

    def asks(self, etag: str) -> int:
        """How their page is answered that shows the region with this ETag."""
        return self.client.get(f"{self.path}/live", headers={"If-None-Match": etag}).status_code

    def stop(self) -> None:
        """The customer takes the link back."""
        assert self.table.does(f"share/{self.link_id}/revoke").status_code == 303


def a_friend(table: Table, made_for: str = "Sam") -> Friend:
    """The customer has made a link and sent it to somebody who has never been here."""
    made = table.does("share", made_for=made_for)
    link_id = made.location.rpartition("#link-")[2]
    card = table.client.get(made.location).text.partition(f'id="link-{link_id}"')[2]
    address = re.search(r'readonly value="([^"]+)"', card)
    assert address is not None
    return Friend(table, table.client.application.test_client(), address[1], link_id)
