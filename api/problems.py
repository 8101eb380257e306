"""What each kind of problem means and what to do about it: the pages that `type` of a problem leads to.

A slug is declared by its title in `api.core.errors.TITLES` and explained here; docs/api.md lists it with its
status. They are read by whoever writes or runs a client, rarely by the people who use one.
"""

from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from api.core.errors import TITLES


class Explanation(NamedTuple):
    meaning: str | Promise
    remedy: str | Promise


EXPLANATIONS: dict[str, Explanation] = {
    "already-exists": Explanation(
        _("Something with the same identifying values exists already; perhaps it was made a moment ago."),
        _("Read what there is, and change that instead of making another."),
    ),
    "authentication-required": Explanation(
        _("This address is for people who are signed in, and the request came without an access token."),
        _("Sign in, and send the token in the header “Authorization: Bearer …”."),
    ),
    "bulk-refused": Explanation(
        _("Some rows of a request about many can't be changed, so none was."),
        _(
            "“errors” points at each of them: correct or leave them out, or send the request with "
            "partial=true, to do what can be done."
        ),
    ),
    "device-ended": Explanation(
        _("Somebody ended this device in the organisation, or the membership is over."),
        _("Remove all that the app keeps of the organisation; “wipe” of this answer says so too."),
    ),
    "feature-disabled": Explanation(
        _("The organisation has switched this part of Meander off."),
        _("Leave it out for as long as it is off: “enabled_areas” of /api/v1/me/ says what is in use."),
    ),
    "file-refused": Explanation(
        _("What was uploaded holds something that makes it unsafe, or can't be checked."),
        _("“detail” says what, and what to do about it; the code in “errors” is stable."),
    ),
    "idempotency-key-reused": Explanation(
        _("The header “Idempotency-Key” names a key that was used for another request within 24 hours."),
        _("Make a new key for every new request; keep it only to send the same request again."),
    ),
    "internal-error": Explanation(
        _("Something failed on our side, and has been noted."),
        _("Try again in a while. If it keeps failing, tell us the address and the time."),
    ),
    "invalid-checkpoint": Explanation(
        _("The checkpoint can't be read: it was cut off, changed, or is none of ours."),
        _("Keep checkpoints as they are. Fetch everything anew, without one; what waits to be sent stays."),
    ),
    "invalid-cursor": Explanation(
        _("The cursor can't be read, or it belongs to another list or another order."),
        _("Begin at the first page, and use the addresses in “next” and “previous” as they are."),
    ),
    "invalid-idempotency-key": Explanation(
        _("The header “Idempotency-Key” is empty, too long, or has characters other than visible ASCII."),
        _("Send a random UUID."),
    ),
    "invalid-input": Explanation(
        _("Something that was sent is missing or not acceptable."),
        _("“errors” points at each fault: in the body, or ?name for a query parameter. Correct them all."),
    ),
    "invalid-state": Explanation(
        _("The object is in a state in which this can't be done; perhaps someone else was faster."),
        _("Read the object again: its state says what can be done now."),
    ),
    "invalid-token": Explanation(
        _("The access token has expired, its session has ended, or it belongs to another organisation."),
        _("Sign in again, on the address of this organisation."),
    ),
    "invitation-over": Explanation(
        _("The invitation has expired, was withdrawn or was used before, or there never was one."),
        _("Ask whoever invited you for a new one."),
    ),
    "malformed-request": Explanation(
        _("The request can't be read; its JSON may be broken."),
        _("Correct the request. Sent unchanged, it will be refused again."),
    ),
    "method-not-allowed": Explanation(
        _("The address exists, but not with this HTTP method."),
        _("The header “Allow” of the answer names the methods that work."),
    ),
    "not-acceptable": Explanation(
        _("The answer doesn't exist in the format that was asked for."),
        _("Ask for application/json, or send no “Accept” header."),
    ),
    "not-allowed": Explanation(
        _("Whoever is signed in lacks the permission for this."),
        _("“permissions” of /api/v1/me/ lists what they may do. Administrators assign the roles."),
    ),
    "not-found": Explanation(
        _("There is nothing at this address, or nothing that this person may see. The answer is the same."),
        _("Check the address, and who is signed in."),
    ),
    "organization-closed": Explanation(
        _("The organisation no longer uses Meander."),
        _("Ask the organisation where to find what it offered here."),
    ),
    "organization-provisioning": Explanation(
        _("The organisation is being set up."),
        _("Try again in a moment."),
    ),
    "organization-suspended": Explanation(
        _("The organisation is suspended for now. Its data is kept."),
        _("Ask the organisation for more, and try again later."),
    ),
    "range-refused": Explanation(
        _("The header “Range” asks for bytes beyond the end of the file."),
        _("“Content-Range” of the answer says how long the file is. Ask for a part of that, or for all."),
    ),
    "possible-duplicate": Explanation(
        _("Somebody with the same phone, or the same name and year of birth, is registered already."),
        _(
            "“candidates” names whom you may see of them: compare, and use one of those; or send the request "
            "again with duplicate_checked=true if it is another person."
        ),
    ),
    "rate-limited": Explanation(
        _("Too many attempts came from this account, session or network address in a short time."),
        _("Wait for as many seconds as the header “Retry-After” says."),
    ),
    "refused": Explanation(
        _("A rule of the service doesn't let this happen."),
        _("“detail” of the answer says which."),
    ),
    "request-in-flight": Explanation(
        _("The first request with this idempotency key is still under way."),
        _("Wait a second and send it again: then you get the first one's answer."),
    ),
    "request-too-large": Explanation(
        _("The request is larger than the server accepts."),
        _("Send less at a time."),
    ),
    "resync-required": Explanation(
        _(
            "The checkpoint is too old, is another person's, or was made before the database was restored or "
            "moved."
        ),
        _("Send what waits to be sent, and fetch everything anew, without a checkpoint."),
    ),
    "membership-ended": Explanation(
        _("Whoever used this device has left the organisation."),
        _(
            "Until “send_until” the device may send what waits there; others decide about it. Then, with "
            "“wipe”, remove what it keeps of the organisation."
        ),
    ),
    "mutation-id-reused": Explanation(
        _("A phone sent another change under an id that it had used before."),
        _("Make a new id for every change; keep it only to send the same change again."),
    ),
    "schema-version-refused": Explanation(
        _("The app was made for a version of the synchronisation that the server doesn't speak."),
        _("“schema_version” says which it does: update the app, or wait until the server was updated."),
    ),
    "sign-in-refused": Explanation(
        _("E-mail address and password don't match anyone who may sign in to this organisation."),
        _("Check both, and the organisation. For safety the answer never says which of them was wrong."),
    ),
    "stale-version": Explanation(
        _("Someone else changed the object since it was read. Nothing has been written."),
        _("Read it again, and make the change in the new version."),
    ),
    "support-access-required": Explanation(
        _("The platform's staff see nothing of an organisation that hasn't let them in for a while."),
        _("Ask for support access on the platform's page of the organisation, and wait for its answer."),
    ),
    "step-up-required": Explanation(
        _("This is sensitive, and the last proof of who is signed in is too old for it."),
        _("Ask for the password or a passkey, send it to /api/v1/auth/step-up/, and repeat the request."),
    ),
    "too-many-uploads": Explanation(
        _("So many uploads in pieces are under way already that no other can be begun."),
        _("Finish those that were begun, or end them with DELETE, and try again."),
    ),
    "tus-version": Explanation(
        _("The upload protocol (tus, https://tus.io) is spoken here in another version than was asked for."),
        _("Send the header “Tus-Resumable” with the version that “Tus-Version” of the answer names."),
    ),
    "unavailable": Explanation(
        _("The service can't answer at the moment; perhaps it is being maintained."),
        _("Try again later. The header “Retry-After” says when, if that is known."),
    ),
    "unknown-host": Explanation(
        _("No organisation answers on this address."),
        _("Check the host name. /api/v1/organizations/ on the platform's address lists organisations."),
    ),
    "unknown-parameter": Explanation(
        _("The query has a parameter that this address doesn't know."),
        _("“errors” names it. Check its spelling in the documentation, or leave it out."),
    ),
    "unsupported-media-type": Explanation(
        _("The body came in a format that isn't understood here."),
        _("Send JSON with the header “Content-Type: application/json”."),
    ),
    "upload-expired": Explanation(
        _("The upload wasn't finished in time, or was ended; what had arrived of it is gone."),
        _("Begin it anew."),
    ),
    "upload-offset": Explanation(
        _("The piece doesn't begin where the one before it ended; perhaps that had arrived after all."),
        _("Go on at the byte that “Upload-Offset” of this answer names, or ask for it with HEAD."),
    ),
}


@require_safe
def problem_page(request: HttpRequest, slug: str) -> HttpResponse:
    explanation = EXPLANATIONS.get(slug)
    if explanation is None:
        raise Http404
    title = TITLES[slug]
    return render(request, "api/problem.html", {"slug": slug, "title": title, **explanation._asdict()})
