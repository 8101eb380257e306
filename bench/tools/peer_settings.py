"""Our production settings, with the peers' addresses beside ours."""

from cms.settings.production import *  # noqa: F403

ROOT_URLCONF = "bench.tools.peers"
