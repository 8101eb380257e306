from .devices import SyncDevice
from .views import SyncDelivery, SyncHolding, SyncTableChange, SyncTombstone, SyncView

__all__ = [
    "SyncDelivery",
    "SyncDevice",
    "SyncHolding",
    "SyncTableChange",
    "SyncTombstone",
    "SyncView",
]
