"""The README's picture, from a real run: `python -m tests.browser.picture reports/runs/latest report.png`.

It shows the top, the record of the load, and the chain of the run's report, at a width a README has.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from reports.html import html
from reports.write import read
from tests.browser.conftest import Browser, start

WIDTH = 980
RECORD = "load"
KEEP = """
const records = [...document.querySelectorAll('.record')];
const record = records.find((r) => r.querySelector('h3').textContent.startsWith(arguments[0]));
const chain = document.querySelector('[aria-labelledby=chain-title]');
document.querySelector('main').replaceChildren(record, chain);
chain.querySelectorAll('.quiet').forEach((p) => p.remove());
record.querySelectorAll('.note, details').forEach((p) => p.remove());
timelines.show(record.id.split('-')[1], 0, 1e9);
document.activeElement.blur();
scrollTo(0, 0);
document.querySelector('main').style.paddingTop = '1rem'"""
BOTTOM = """
const chain = document.querySelector('[aria-labelledby=chain-title]');
return chain.offsetTop + chain.offsetHeight + 16"""


def main(run: Path, picture: Path) -> None:
    """Draw the report of `run` anew and write its picture."""
    with TemporaryDirectory() as folder:
        browser, page = Browser(start(Path(folder) / "profile")), Path(folder) / "report.html"
        page.write_text(html(read(run)), encoding="utf-8")
        try:
            browser.open(page, (WIDTH, 900))
            browser.run(KEEP, RECORD)
            clip = {"x": 0, "y": 0, "width": WIDTH, "height": browser.run(BOTTOM), "scale": 1}
            picture.write_bytes(browser.capture(clip))
        finally:
            browser.driver.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
