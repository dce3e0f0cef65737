"""A picture and its friends in a real JupyterLab, and in what nbconvert makes of a notebook."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from browser import PATIENCE, expect_true
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).parent.parent
CELLS = [
    "import lamina_graph as lg\nw = lg.load('samples/chain.json')\nlg.draw(w)",
    "lg.diff(lg.load('samples/history/quick-reel-maker/v1.json'), lg.load('samples/reel-five-shots.json'))",
    "lg.classify(w)",
    "lg.lint(lg.load('samples/malformed.json'))",
]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook that was run, and is trusted by the Jupyter of its folder."""
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp("jupyter")
    (folder / "samples").symlink_to(ROOT / "samples")
    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(written, resources={"metadata": {"path": str(folder)}}, timeout=600).execute()
    nbformat.write(written, folder / "pictures.ipynb")
    subprocess.run(
        [sys.executable, "-m", "jupyter", "trust", "pictures.ipynb"],
        cwd=folder,
        env=environment(folder),
        check=True,
        capture_output=True,
    )
    return folder / "pictures.ipynb"


def environment(folder: Path) -> dict[str, str]:
    places = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("DATA", "CONFIG", "RUNTIME")}
    return {**os.environ, **places, "IPYTHONDIR": str(folder / "ipython")}


@pytest.fixture(scope="module")
def lab(notebook: Path) -> Iterator[str]:
    """The address of a JupyterLab over the notebook's folder."""
    folder = notebook.parent
    options = ["--no-browser", "--port=0", "--ip=127.0.0.1", "--IdentityProvider.token=", "--allow-root"]
    news = "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options, *news],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _address(folder / "runtime", server)
    finally:
        server.terminate()
        server.wait(120)


def _address(runtime: Path, server: subprocess.Popen[bytes]) -> str:
    for _ in range(3000):
        for file in runtime.glob("jpserver-*.json"):
            return json.loads(file.read_text())["url"]
        assert server.poll() is None
        time.sleep(0.1)
    pytest.fail("JupyterLab did not start")


def test_jupyterlab_shows_the_svg_and_the_tables(lab: str, chromium: Browser):
    context = chromium.new_context(viewport={"width": 1200, "height": 2000})
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    page.goto(f"{lab}lab/tree/pictures.ipynb?reset")
    page.wait_for_selector(".jp-RenderedSVG img, .jp-RenderedSVG svg")
    assert page.locator(".jp-RenderedMermaid, .jp-RenderedImage").count() == 0
    picture = page.locator(".jp-RenderedSVG img, .jp-RenderedSVG svg").first
    expect_true(lambda: (picture.bounding_box() or {"width": 0})["width"] > 200)
    tables = page.locator(".jp-RenderedHTMLCommon table")
    for word in ("Deliverable renamed", "repeated-id", "gives a video"):
        expect(tables.filter(has_text=word).first).to_be_visible()
    context.close()


def test_nbconvert_writes_html_with_the_svg_and_a_browser_prints_it(
    notebook: Path, chromium: Browser, tmp_path: Path
):
    from nbconvert import HTMLExporter

    body, _ = HTMLExporter(embed_images=True).from_filename(str(notebook))
    assert body.count("jp-RenderedSVG") >= 1
    assert "jp-RenderedImage" not in body.partition("</head>")[2]
    assert "Deliverable renamed" in body
    (tmp_path / "page.html").write_text(body)
    page = chromium.new_page()
    page.route("http*://**", lambda route: route.abort())  # MathJax and the like, which it needs not
    page.goto((tmp_path / "page.html").as_uri(), wait_until="domcontentloaded")
    assert page.pdf()[:5] == b"%PDF-"
    page.close()


def test_nbconvert_gives_latex_a_png(notebook: Path):
    """PDF by way of LaTeX needs a picture that LaTeX can read; without Inkscape the SVG is left alone."""
    from nbconvert import LatexExporter
    from traitlets.config import Config

    without_inkscape = Config({"SVG2PDFPreprocessor": {"enabled": False}})
    body, resources = LatexExporter(config=without_inkscape).from_filename(str(notebook))
    pictures = [content for name, content in resources["outputs"].items() if name.endswith(".png")]
    assert len(pictures) == 1
    assert pictures[0].startswith(b"\x89PNG")
    assert "includegraphics" in body
