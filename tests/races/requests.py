"""The acts as requests to the two web processes, on connections that are already open."""

import html
import json
import re
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode

from tests.races.acts import Act
from tests.races.outcomes import DONE
from tests.races.site import RaceSite

REDIRECTED, REFUSED = 303, 409
_REFUSAL = re.compile(r'id="refusal".*?<strong>(.*?)</strong>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Response:
    """The response to an act."""

    act: Act
    status: int
    text: str

    @property
    def refusal(self) -> str:
        """The refusal's sentence, or DONE; any other response is described, and fails the comparison."""
        if self.status in (200, REDIRECTED):
            return DONE
        if self.status != REFUSED:
            return f"{self.status} {self.text[:300]}"
        if not self.act.is_by_customer:
            return str(json.loads(self.text)["detail"])
        shown = _REFUSAL.search(self.text)
        return html.unescape(shown[1]) if shown else "a page without a refusal"


def send(
    connection: HTTPConnection, act: Act, site: RaceSite, restaurant_id: str, order_id: str, *, by_script: bool
) -> None:
    """Send the act's request without waiting for the response."""
    if act.is_by_customer:
        headers = {"Cookie": site.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        headers |= {"HX-Request": "true"} if by_script else {}
        connection.request("POST", f"/orders/{order_id}/{act.path}", urlencode(act.fields), headers)
        return
    headers = {"Authorization": f"Bearer {site.secrets[restaurant_id]}", "Content-Type": "application/json"}
    address = f"/api/v1/restaurants/{restaurant_id}/orders/{order_id}/{act.path}"
    connection.request("POST", address, json.dumps(act.fields), headers)


def read_response(connection: HTTPConnection, act: Act) -> Response:
    """Read the response to the act."""
    response = connection.getresponse()
    return Response(act, response.status, response.read().decode())
