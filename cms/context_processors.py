"""What every template may show of the organisation."""


def organization(request):
    return {"organization": getattr(request, "tenant", None)}
