"""`{% support_banner %}`: who of the platform's support is here, on every page of the admin."""

from django import template

from cms.admin.support.banner import banner

register = template.Library()


@register.simple_tag(takes_context=True)
def support_banner(context):
    request = context.get("request")
    return banner(request) if request is not None else ""
