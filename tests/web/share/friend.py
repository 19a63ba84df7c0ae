"""Test helper: an onlooker with a share link, in another browser than the customer's."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.customer.adjusted_order import Table


@dataclass
class Friend:
    """An onlooker with a share link. `table` is the customer with the order."""

    table: Table
    client: FlaskClient
    address: str
    link_id: str

    @property
    def path(self) -> str:
        """Path of the link."""
        return urlsplit(self.address).path

    @property
    def secret(self) -> str:
        """Secret part of the link."""
        return self.path.rpartition("/")[2]

    def page(self) -> TestResponse:
        """Open the link."""
        return self.client.get(self.path)

    def poll(self, etag: str) -> int:
        """Request the live region with this ETag, and return the status."""
        return self.client.get(f"{self.path}/live", headers={"If-None-Match": etag}).status_code

    def stop(self) -> None:
        """Let the customer revoke the link."""
        assert self.table.submit(f"share/{self.link_id}/revoke").status_code == 303


def a_friend(table: Table, made_for: str = "Sam") -> Friend:
    """Let the customer make a link, and return an onlooker with a new browser."""
    response = table.submit("share", made_for=made_for)
    link_id = response.location.rpartition("#link-")[2]
    card = table.client.get(response.location).text.partition(f'id="link-{link_id}"')[2]
    address = re.search(r'readonly value="([^"]+)"', card)
    assert address is not None
    return Friend(table, table.client.application.test_client(), address[1], link_id)
