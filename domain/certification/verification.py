"""How often anyone may ask whether a code is that of a valid certificate."""

from domain.identity.limits import Limit

# Of one address, by page and API together: enough for a door with a queue, nothing for guessing.
VERIFICATIONS = Limit("certificate-verification", attempts=60, seconds=300)
