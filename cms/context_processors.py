"""What every template may show of the organisation."""

from django.utils.functional import SimpleLazyObject

from .branding import brand_of


def organization(request):
    """`organization` is the row (a view may show another under that name); `brand` is whose page it is."""
    tenant = getattr(request, "tenant", None)
    return {"organization": tenant, "brand": SimpleLazyObject(lambda: brand_of(tenant))}
