"""Record the requests that browsers send to our site, and the responses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask


@dataclass
class Request:
    """A request to our site, with the status and the cookies of its response."""

    method: str
    path: str
    cookie: str
    headers: dict[str, str]
    status: int = 0
    set_cookie: str = ""


def recording_requests(app: Flask, requests: list[Request]) -> Callable[..., Any]:
    """Return a WSGI application that adds each request to the list and passes it on to this application."""

    def recording(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        headers = {name[5:].replace("_", "-").title(): text for name, text in environ.items() if name[:5] == "HTTP_"}
        request = Request(environ["REQUEST_METHOD"], environ["PATH_INFO"], headers.get("Cookie", ""), headers)
        requests.append(request)

        def begin(status: str, response_headers: list[tuple[str, str]], *more: Any) -> Any:
            request.status = int(status[:3])
            request.set_cookie = "; ".join(text for name, text in response_headers if name.lower() == "set-cookie")
            return start(status, response_headers, *more)

        return app(environ, begin)

    return recording
