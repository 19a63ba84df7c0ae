"""Style sheets, scripts and pictures, which are read and compressed once at the start and served from memory.

Our own files are served without comments and indentation. Scripts are minified by rjsmin. Style sheets are not
minified by rcssmin: it (1.3.0) takes the selector `.a :is(.b)` within @container for a declaration and drops its
space, which changes what is selected.

Each URL contains the hash of the file's content, so browsers may cache a file for ever and still never show an old one.
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
"""Matches a quoted text (group 1, which is kept) or a comment or an indentation (which are dropped)."""
_STATIC = "/static"
_IMMUTABLE = "public, max-age=31536000, immutable"
_SERVED_SUFFIXES = frozenset({".css", ".js", ".svg", ".png", ".webmanifest"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One file with its encoded bodies, smallest encoding first: pairs of encoding name and bytes."""

    hash: str
    mimetype: str
    encodings: tuple[tuple[str, bytes], ...]

    def best_encoding(self, accepted: frozenset[str]) -> tuple[str, bytes]:
        """Return the best encoding among the `accepted` ones; `identity` is always available."""
        return next(encoding for encoding in self.encodings if encoding[0] in accepted or encoding[0] == "identity")


class Assets:
    """All served files of one folder, keyed by their path relative to it."""

    def __init__(self, folder: Path) -> None:
        files = (path for path in sorted(folder.rglob("*")) if path.suffix in _SERVED_SUFFIXES)
        self._assets = {path.relative_to(folder).as_posix(): _asset(path.name, _minify(path)) for path in files}
        self.hash = _hash("".join(asset.hash for asset in self._assets.values()).encode())

    def url(self, name: str) -> str:
        """Return the path under /static/, including the hash. Raises LookupError if there is no such file."""
        if name not in self._assets:
            raise LookupError(f"static/{name} is missing. If it belongs to vendor/, bin/setup brings it.")
        stem, _, suffix = name.rpartition(".")
        return f"{stem}.{self._assets[name].hash}.{suffix}"

    def text(self, name: str) -> str:
        """Return the file's text, to be inlined into a page that should not wait for another response."""
        return self._assets[name].best_encoding(frozenset())[1].decode()

    def find(self, path: str) -> tuple[Asset | None, bool]:
        """Return the file for this path (None if there is none), and whether the path contains its current hash.

        An outdated hash still finds the file, so that a page from before an update does not lose its style.
        """
        if plain := self._assets.get(path):
            return plain, False
        if not (match := _HASHED.fullmatch(path)):
            return None, False
        asset = self._assets.get(match["stem"] + match["suffix"])
        return asset, asset is not None and asset.hash == match["hash"]


def init(app: Flask) -> None:
    """Serve /static/, give templates `asset(name)` and `inline_asset(name)`, and compress responses."""
    assets = Assets(Path(app.root_path) / "static")
    app.extensions["tracker assets"] = assets
    app.add_url_rule(f"{_STATIC}/<path:path>", "static", _serve)
    app.jinja_env.globals["inline_asset"] = lru_cache(lambda name: Markup(assets.text(name)))  # noqa: S704  our own files
    app.jinja_env.globals["asset"] = lambda name: f"{_STATIC}/{assets.url(name)}"
    # URLs are cached because building one takes longer than rendering a line of a page.
    app.jinja_env.globals["url_for"] = lru_cache(maxsize=1024)(app.url_for)
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    app.config["COMPRESS_BR_LEVEL"] = 5  # a page is 460 bytes smaller than with level 4, for 0.1 ms
    Compress(app)


def assets_hash() -> str:
    """Return a hash over all assets. It changes whenever a style sheet, script or picture changes."""
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
