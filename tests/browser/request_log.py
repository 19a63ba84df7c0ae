"""What our site is asked by browsers, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask


@dataclass
class Request:
    """What our site was asked, and what it answered."""

    method: str
    path: str
    cookie: str
    headers: dict[str, str]
    status: int = 0
    set_cookie: str = ""


def noting_requests(app: Flask, asked: list[Request]) -> Callable[..., Any]:
    """The same application, which notes whatever it is asked."""

    def noting(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        headers = {name[5:].replace("_", "-").title(): text for name, text in environ.items() if name[:5] == "HTTP_"}
        request = Request(environ["REQUEST_METHOD"], environ["PATH_INFO"], headers.get("Cookie", ""), headers)
        asked.append(request)

        def begin(status: str, answered: list[tuple[str, str]], *more: Any) -> Any:
            request.status = int(status[:3])
            request.set_cookie = "; ".join(text for name, text in answered if name.lower() == "set-cookie")
            return start(status, answered, *more)

        return app(environ, begin)

    return noting
