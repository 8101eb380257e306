"""Support access in the admin: deciding in the organisation, asking on the platform, and the banner."""

from .banner import banner
from .viewset import SupportAccessPage

__all__ = ["SupportAccessPage", "banner"]
