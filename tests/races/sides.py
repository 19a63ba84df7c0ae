"""Both sides as the two web processes meet them: a request of each on a connection that is open already."""

import html
import json
import re
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode

from tests.races.acts import Act
from tests.races.model import DONE
from tests.races.town import Town

REDIRECTED, REFUSED = 303, 409
_REFUSAL = re.compile(r'id="refusal".*?<strong>(.*?)</strong>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to an act."""

    act: Act
    status: int
    text: str

    @property
    def why_not(self) -> str:
        """The words of the refusal, or DONE; anything else is an answer that nobody should get."""
        if self.status in (200, REDIRECTED):
            return DONE
        if self.status != REFUSED:
            return f"{self.status} {self.text[:300]}"
        if not self.act.is_customers:
            return str(json.loads(self.text)["detail"])
        shown = _REFUSAL.search(self.text)
        return html.unescape(shown[1]) if shown else "a page without a reason"


def send(door: HTTPConnection, act: Act, town: Town, restaurant_id: str, order_id: str, *, by_script: bool) -> None:
    """The act's request goes out; nobody waits for its answer yet."""
    if act.is_customers:
        headers = {"Cookie": town.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        headers |= {"HX-Request": "true"} if by_script else {}
        door.request("POST", f"/orders/{order_id}/{act.path}", urlencode(act.fields), headers)
        return
    headers = {"Authorization": f"Bearer {town.secrets[restaurant_id]}", "Content-Type": "application/json"}
    address = f"/api/v1/restaurants/{restaurant_id}/orders/{order_id}/{act.path}"
    door.request("POST", address, json.dumps(act.fields), headers)


def answer(door: HTTPConnection, act: Act) -> Told:
    """What the act was answered."""
    response = door.getresponse()
    return Told(act, response.status, response.read().decode())
