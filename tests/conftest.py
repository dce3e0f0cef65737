"""What every test may ask for: the samples, the loopback server, a page in Chromium, stores."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium as chromium
from browser import page as page
from databases import postgres_url as postgres_url
from databases import store_url as store_url
from hypothesis import settings
from loopback import Loopback, serving

# No example is timed, since machines are noisy; in continuous integration they are the same each time.
settings.register_profile("usual", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "usual")

SAMPLES = Path(__file__).parent.parent / "samples"
LAMINA_SAMPLES = sorted(
    path
    for path in SAMPLES.rglob("*.json")
    if not {"comfyui", "react-flow"} & {*path.relative_to(SAMPLES).parts}
)
"""The samples in Lamina's own format."""


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of sample workflows."""
    return SAMPLES


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """The API with the samples as its apps, on a port of this machine."""
    with serving(Loopback(SAMPLES)) as api:
        yield api
