"""The registry of platforms. Each platform is a module or package in this folder and one line in the list below."""

from tracker.upstream.platforms.flipdish import Flipdish
from tracker.upstream.platforms.platform import Platform

_REGISTERED: tuple[Platform, ...] = (
    Flipdish(),
)  # fmt: skip

PLATFORMS: dict[str, Platform] = {platform.name: platform for platform in _REGISTERED}
"""Every platform by its name in addresses and in the database."""
