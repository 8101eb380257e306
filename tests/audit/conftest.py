import pytest

from domain.audit import keys


@pytest.fixture(autouse=True)
def _keys_and_anchors_of_this_test(settings, tmp_path):
    settings.AUDIT_SIGNING_KEY = ""
    settings.AUDIT_PUBLIC_KEYS = []
    settings.AUDIT_KEY_DIR = tmp_path / "keys"
    settings.AUDIT_ANCHORS = [f"file://{tmp_path / 'anchors'}"]
    keys._signing_key.cache_clear()
    yield
    keys._signing_key.cache_clear()
