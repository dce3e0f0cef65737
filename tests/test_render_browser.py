"""Pictures in Chromium: text stays in its card whatever fonts there are, themes follow the reader."""

import pytest
from browser import watched
from conftest import SAMPLES
from hostile import HOSTILE, HOSTILE_WORKFLOW

from lamina_graph.files import load
from lamina_graph.render import draw

OUTSIDE = """() => [...document.querySelectorAll('g > .lg-b')].flatMap(face => {
  const box = face.getBoundingClientRect();
  return [...face.parentNode.querySelectorAll('text')]
    .filter(text => {
      const own = text.getBoundingClientRect(), cut = text.closest('svg svg');
      const end = cut ? cut.getScreenCTM().e + cut.width.baseVal.value : Infinity;
      const right = Math.min(own.right, end);
      return right > box.right - 4 || own.left < box.left || own.top < box.top || own.bottom > box.bottom;
    })
    .map(text => text.textContent);
})"""


def shown(page, picture, folder):
    page.goto(picture.save(folder / "picture.svg").as_uri())


@pytest.mark.parametrize("color", ["role", "age"])
@pytest.mark.parametrize("name", ["reel-five-shots", "unicode-labels", "hostile-labels", "fifteen-outputs"])
def test_no_text_leaves_its_card(page, tmp_path, name, color):
    shown(page, draw(load(SAMPLES / f"{name}.json"), color=color), tmp_path)
    assert page.locator(".lg-t").count() > 5
    assert page.evaluate(OUTSIDE) == []


def test_hostile_text_is_shown_and_does_nothing(page, tmp_path):
    shown(page, draw(HOSTILE_WORKFLOW, view="all"), tmp_path)
    assert page.locator("script, img, a, foreignObject").count() == 0
    assert page.evaluate(OUTSIDE) == []
    tooltips = page.locator("g > title").all_text_contents()
    assert len(tooltips) == len(HOSTILE)
    assert "<script>alert(1)</script>" in page.locator("svg > title").text_content()


def test_two_pictures_on_one_page_keep_their_own_paper(page):
    w = load(SAMPLES / "chain.json")
    page.set_content("".join(draw(w, theme=theme).svg for theme in ("light", "dark")))
    papers = page.locator(".lg-paper").evaluate_all("each => each.map(one => getComputedStyle(one).fill)")
    assert papers == ["rgb(255, 255, 255)", "rgb(17, 21, 27)"]


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(17, 21, 27)")])
def test_auto_follows_the_reader(chromium, tmp_path, scheme, paper):
    with watched(chromium, color_scheme=scheme) as page:
        shown(page, draw(load(SAMPLES / "chain.json")), tmp_path)
        fill = page.locator(".lg-paper").evaluate("paper => getComputedStyle(paper).fill")
    assert fill == paper
