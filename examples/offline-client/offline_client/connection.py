"""Requests with tokens: signed in once, refreshed when needed, and nothing hidden of what went wrong."""

import httpx

TIMEOUT = httpx.Timeout(30, connect=10)
# To be tried again later, whatever was asked.
PASSING = {429, 500, 502, 503, 504}
# Of who has left the organisation: what waits may still be sent, for three days.
LEFT = "membership-ended"


class Offline(Exception):
    """No answer, or none now: try again in `after` seconds (None: as the back-off says)."""

    def __init__(self, why, after=None):
        super().__init__(why)
        self.after = after


class SignedOut(Exception):
    """The session ended. What waits to be sent stays, for when the same person signs in again."""


class Wiped(Exception):
    """The server told us to forget everything, and we did."""


class UpdateNeeded(Exception):
    """The server doesn't speak this app's version of the data any more (or not yet)."""


class ProblemError(Exception):
    """A refusal as the API tells it (RFC 9457): `slug` is stable, the texts are for people."""

    def __init__(self, response):
        self.status, self.response = response.status_code, response
        try:
            self.problem = response.json()
        except ValueError:
            self.problem = {}
        self.slug = self.problem.get("type", "").rsplit("/", 1)[-1]
        super().__init__(f"{self.status} {self.slug}: {self.problem.get('detail', '')}")


class Connection:
    def __init__(self, url, store, *, language="nb", transport=None):
        self.store = store
        headers, address = {"Accept-Language": language}, httpx.URL(url)
        if address.host.endswith(".localhost"):
            # This machine (RFC 6761), which not every resolver knows; the name says which organisation.
            headers["Host"], address = address.netloc.decode(), address.copy_with(host="127.0.0.1")
        self.http = httpx.Client(base_url=address, headers=headers, timeout=TIMEOUT, transport=transport)

    def sign_in(self, email, password):
        device = {"name": "Reference client", "platform": "python", "app_version": "1.0.0"}
        answer = self._send(
            "POST", "/api/v1/auth/password/", json={"email": email, "password": password, "device": device}
        )
        if "access_token" not in answer.json():
            raise SignedOut("This organisation asks for a second step, which this example doesn't do.")
        self._keep(answer.json())

    def request(self, method, path, **more):
        """The answer to a request of the person who is signed in.

        Raises Offline, SignedOut, Wiped, UpdateNeeded or ProblemError.
        """
        try:
            return self._send(method, path, token=True, **more)
        except ProblemError as error:
            if error.status != 401 or error.slug == LEFT:
                raise
        self._refresh()
        try:
            return self._send(method, path, token=True, **more)
        except ProblemError as error:
            if error.status == 401:
                raise SignedOut(str(error)) from error
            raise

    def _send(self, method, path, *, token=False, headers=None, **more):
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {self.store.get('access_token', '')}"
        try:
            response = self.http.request(method, path, headers=headers, **more)
        except httpx.TransportError as error:
            raise Offline(str(error) or type(error).__name__) from error
        if response.status_code in PASSING:
            after = response.headers.get("Retry-After", "")
            raise Offline(f"HTTP {response.status_code}", float(after) if after.isdigit() else None)
        if response.status_code >= 400:
            error = ProblemError(response)
            if error.problem.get("wipe"):
                self.store.wipe()
                raise Wiped(str(error))
            if error.slug == "schema-version-refused":
                raise UpdateNeeded(error.problem.get("detail", ""))
            raise error
        return response

    def _refresh(self):
        """A new pair for the old: each refresh token is good once, so the new one is kept before use."""
        token = self.store.get("refresh_token")
        if token is None:
            raise SignedOut("Nobody is signed in.")
        try:
            answer = self._send("POST", "/api/v1/auth/refresh/", json={"refresh_token": token})
        except ProblemError as error:
            self._ask_whether_to_wipe()
            raise SignedOut(str(error)) from error
        self._keep(answer.json())

    def _ask_whether_to_wipe(self):
        """Raises Wiped where the session is over because the device was ended, ProblemError (LEFT) where
        the person has left: sync calls tell that."""
        try:
            self._send("GET", "/api/v1/sync/pull/", token=True, params={"limit": 1})
        except ProblemError as error:
            if error.slug == LEFT:
                raise

    def _keep(self, tokens):
        with self.store.transaction():
            self.store.set("access_token", tokens["access_token"])
            self.store.set("refresh_token", tokens["refresh_token"])
