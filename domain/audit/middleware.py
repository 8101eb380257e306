"""Gives every request the context its audit events share."""

from .context import acting, client_address, network_of


class AuditContextMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with acting(request=request, network=network_of(client_address(request))):
            return self.get_response(request)
