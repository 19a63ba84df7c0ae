"""The registry of platforms. Each is a module or package of this folder, with one line in the list below."""

from tracker.upstream.platforms.flipdish import Flipdish
from tracker.upstream.platforms.platform import Platform

_REGISTERED: tuple[Platform, ...] = (
    Flipdish(),
)  # fmt: skip

PLATFORMS: dict[str, Platform] = {platform.name: platform for platform in _REGISTERED}
"""Every platform, by the name that it has in addresses and in the database."""
