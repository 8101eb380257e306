from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = "Content"

    def ready(self):
        from domain.identity.erasing import erased_with_person, erasure_steps
        from tenants.events import receivers
        from tenants.provisioning import default_steps
        from tenants.template import template_steps

        from . import audit, erasing, provisioning
        from .admin.account import use_own_language
        from .preview.mixin import register_renderer
        from .preview.render import render_preview

        register_renderer(render_preview)
        use_own_language()
        template_steps.append(provisioning.prepare_template)
        default_steps.append(provisioning.create_site)
        default_steps.append(provisioning.name_review_workflow)
        receivers.append(provisioning.follow_main_host)
        audit.connect()
        erasure_steps.append(erasing.drop_pictures)
        erased_with_person.update(erasing.WITH_PERSON)
