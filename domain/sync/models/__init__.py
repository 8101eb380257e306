from .devices import SyncDevice
from .mutations import ClientIdMapping, FieldVersion, SyncMutation
from .views import SyncDelivery, SyncHolding, SyncTableChange, SyncTombstone, SyncView

__all__ = [
    "ClientIdMapping",
    "FieldVersion",
    "SyncDelivery",
    "SyncDevice",
    "SyncHolding",
    "SyncMutation",
    "SyncTableChange",
    "SyncTombstone",
    "SyncView",
]
