"""Nothing is cut off, on any screen from a small phone's to a wide one's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from driver import Visitor, overlapping

SIZE = (900, 600)
WIDTHS = sorted({*range(320, 1601, 40), 390, 640, 641, 768, 800, 801, 1000, 1001, 1024, 1366})

Enter = Callable[..., Visitor]

# What can be pressed or read, and is not wholly within the window and all that clips it. Lists that
# are made to be scrolled sideways do not clip.
CUT_OFF = """() => {
  const bad = [];
  const things = document.querySelectorAll(
    '.pm-header *, .pm :is(button, label, input, select, h2, h3, p, span, small)',
  );
  for (const node of things) {
    if (!node.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const frame = node.getBoundingClientRect();
    if (!frame.width || node.closest('.pm-hidden')) continue;
    let left = 0, right = document.documentElement.clientWidth, scrolled = false;
    for (let up = node.parentElement; up !== document.body && !scrolled; up = up.parentElement) {
      const way = getComputedStyle(up).overflowX;
      scrolled = up.closest('.pm') && /auto|scroll/.test(way) && up.scrollWidth > up.clientWidth;
      if (way === 'visible') continue;
      const outer = up.getBoundingClientRect();
      left = Math.max(left, outer.left);
      right = Math.min(right, outer.right);
    }
    const ellipsis = getComputedStyle(node.parentElement).textOverflow === 'ellipsis';
    if (!ellipsis && !scrolled && (frame.left < left - 1 || frame.right > right + 1)) {
      bad.push(`${node.tagName}.${node.className} ${node.textContent.trim().slice(0, 30)}`);
    }
  }
  const over = document.documentElement.scrollWidth - window.innerWidth;
  if (over > 0) bad.push(`the page is ${over} too wide`);
  return bad;
}"""


def cut_off(visitor: Visitor) -> dict[int, list[str]]:
    found = {}
    for width in WIDTHS:
        visitor.page.set_viewport_size({"width": width, "height": 860})
        bad = visitor.page.evaluate(CUT_OFF)
        if bad:
            found[width] = bad
    return found


def test_nothing_is_cut_off_before_there_is_a_photo(visit: Enter) -> None:
    assert cut_off(visit()) == {}


@pytest.mark.parametrize("mode", ["keep", "brush"])
def test_nothing_is_cut_off_with_subjects(visit: Enter, tmp_path: Path, mode: str) -> None:
    visitor = visit()
    visitor.open(overlapping(tmp_path / "pair.png", SIZE))
    visitor.click(330, 300, SIZE)
    visitor.subjects(1)
    visitor.fresh()
    visitor.click(620, 300, SIZE)
    visitor.subjects(2)
    visitor.settings()
    visitor.page.check(f"[name=pm-mode][value={mode}]", force=True)
    visitor.settled()
    assert cut_off(visitor) == {}
    visitor.page.click(".pm-more")
    assert cut_off(visitor) == {}
