"""What Wagtail and our content keep of a person, when they are erased (`domain.identity.erasing`)."""

from wagtail.users.models import UserProfile

from domain.identity.models import User

# Rows that are nobody's but theirs; what they wrote or uploaded stays, without them.
WITH_PERSON = {
    "cms.ContentImport",
    "guardian.UserObjectPermission",
    "wagtailadmin.EditingSession",
    "wagtailadmin.FormState",
    "wagtailcore.APIToken",
    "wagtailcore.Comment",
    "wagtailcore.CommentReply",
    "wagtailcore.PageSubscription",
    "wagtailusers.UserProfile",
}


def drop_pictures(person: User) -> None:
    """The file of their picture; its row goes with the others."""
    for profile in UserProfile.objects.filter(user=person).exclude(avatar=""):
        profile.avatar.delete(save=False)
