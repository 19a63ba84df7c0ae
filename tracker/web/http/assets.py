"""Style sheets, scripts and pictures: read and compressed once at the start, then served from memory.

Comments and indentation of our own files are left out, because only people read them. Scripts are minified by rjsmin.
Style sheets are not minified by rcssmin: it (1.3.0) takes the selector `.a :is(.b)` within @container for a
declaration and drops its space, which changes what is selected.

Each has its content's hash in its address, so a browser may keep it for ever and still never shows an old one.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import brotli
from flask import Flask, Response, abort, current_app, request
from flask_compress import Compress
from markupsafe import Markup
from rjsmin import jsmin

_HASHED = re.compile(r"(?P<stem>.+)\.(?P<hash>[0-9a-f]{8})(?P<suffix>\.\w+)")
_CSS_TEXT_OR_SPARE = re.compile(
    r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|/\*.*?\*/\s*|^\s+""", re.MULTILINE | re.DOTALL
)
"""A quoted text, which is kept, or else a comment or an indentation, which is not."""
_STATIC = "/static"
_IMMUTABLE = "public, max-age=31536000, immutable"
_SERVED_SUFFIXES = frozenset({".css", ".js", ".svg", ".png", ".webmanifest"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One file in the forms in which it may be sent, best first: encoding and bytes."""

    hash: str
    mimetype: str
    encodings: tuple[tuple[str, bytes], ...]

    def best_encoding(self, accepted: frozenset[str]) -> tuple[str, bytes]:
        """The smallest form that the browser understands; `identity` is always one."""
        return next(encoding for encoding in self.encodings if encoding[0] in accepted or encoding[0] == "identity")


class Assets:
    """All files under one folder, by their path in it."""

    def __init__(self, folder: Path) -> None:
        files = (path for path in sorted(folder.rglob("*")) if path.suffix in _SERVED_SUFFIXES)
        self._assets = {path.relative_to(folder).as_posix(): _asset(path.name, _minify(path)) for path in files}
        self.hash = _hash("".join(asset.hash for asset in self._assets.values()).encode())

    def url(self, name: str) -> str:
        """The path under /static/ with the hash in it. Raises LookupError for a file that isn't there."""
        if name not in self._assets:
            raise LookupError(f"static/{name} is missing. If it belongs to vendor/, bin/setup brings it.")
        stem, _, suffix = name.rpartition(".")
        return f"{stem}.{self._assets[name].hash}.{suffix}"

    def text(self, name: str) -> str:
        """What the file says, for a page that can't wait for another answer."""
        return self._assets[name].best_encoding(frozenset())[1].decode()

    def find(self, path: str) -> tuple[Asset | None, bool]:
        """The file that this path means, and whether the path's hash is the one of its content.

        An old hash still finds the file: a page from before a new version must not lose its style.
        """
        if plain := self._assets.get(path):
            return plain, False
        if not (match := _HASHED.fullmatch(path)):
            return None, False
        asset = self._assets.get(match["stem"] + match["suffix"])
        return asset, asset is not None and asset.hash == match["hash"]


def init(app: Flask) -> None:
    """Serve /static/, give templates `asset(name)`, and have pages compressed on their way out."""
    assets = Assets(Path(app.root_path) / "static")
    app.extensions["tracker assets"] = assets
    app.add_url_rule(f"{_STATIC}/<path:path>", "static", _serve)
    app.jinja_env.globals["inline_asset"] = lru_cache(lambda name: Markup(assets.text(name)))  # noqa: S704  our own files
    app.jinja_env.globals["asset"] = lambda name: f"{_STATIC}/{assets.url(name)}"
    # Where something is, is the same in every answer; to work it out takes longer than a line of a page takes to write.
    app.jinja_env.globals["url_for"] = lru_cache(maxsize=1024)(app.url_for)
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    app.config["COMPRESS_BR_LEVEL"] = 5  # of a page 460 bytes less than with 4, for 0.1 ms
    Compress(app)


def assets_hash() -> str:
    """Changes with every change of a style sheet, script or picture."""
    assets: Assets = current_app.extensions["tracker assets"]
    return assets.hash


def asset_response(asset: Asset, *, cache_control: str) -> Response:
    """Return the file in the smallest form that the browser accepts, or 304 if the browser has it."""
    accepted = frozenset(name.lower() for name, quality in request.accept_encodings if quality)
    encoding, body = asset.best_encoding(accepted)
    response = Response(body, content_type=asset.mimetype)
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = cache_control
    if encoding != "identity":
        response.headers["Content-Encoding"] = encoding
    response.set_etag(f"{asset.hash}-{encoding}")
    response.make_conditional(request)
    return response


def _serve(path: str) -> Response:
    asset, is_current = current_app.extensions["tracker assets"].find(path)
    if asset is None:
        abort(404)
    return asset_response(asset, cache_control=_IMMUTABLE if is_current else "no-cache")


def _minify(path: Path) -> bytes:
    if path.suffix not in {".css", ".js"} or path.name.endswith(f".min{path.suffix}"):
        return path.read_bytes()
    text = path.read_text()
    if path.suffix == ".css":
        return _CSS_TEXT_OR_SPARE.sub(r"\1", text).encode()
    return f"{jsmin(text)}\n".encode()  # a page may have one script directly after another in the same element


@lru_cache(maxsize=64)
def _asset(name: str, content: bytes) -> Asset:
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if mimetype.startswith("text/") or mimetype == "application/javascript":
        mimetype += "; charset=utf-8"
    compressed = (("br", brotli.compress(content)), ("gzip", gzip.compress(content, mtime=0)))
    smaller = tuple(encoding for encoding in compressed if len(encoding[1]) < len(content))
    return Asset(_hash(content), mimetype, (*smaller, ("identity", content)))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]
