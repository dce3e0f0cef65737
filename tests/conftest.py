from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium as chromium
from browser import page as page
from databases import postgres_url as postgres_url
from databases import store_url as store_url
from loopback import Loopback, serving

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of sample workflows."""
    return SAMPLES


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """The API with the samples as its apps, on a port of this machine."""
    with serving(Loopback(SAMPLES)) as api:
        yield api
