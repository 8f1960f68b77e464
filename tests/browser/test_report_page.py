"""report.html in a real browser with no network: what a unit test of its text cannot see."""

from __future__ import annotations

import json

import pytest

from tests.browser import pages
from tests.browser.conftest import DESKTOP, PHONE

INTERACTIVE_SECONDS = 1.0
LARGEST_PAGE = 1_500_000
# WCAG 2.2, 1.4.3: contrast of text with what is behind it.
LEAST_CONTRAST = 4.5

IN_VIEW = """
const box = document.querySelector(arguments[0]).getBoundingClientRect();
return box.top < innerHeight && box.bottom > 0 && box.height > 0"""
PLOT = "#record-0 .plot"
RANGE = f"return document.querySelector('{PLOT}').timeline.range()"
VALUES = f"""
return Object.fromEntries([...document.querySelectorAll('{PLOT} .legend button')].map((b) =>
  [b.childNodes[1].textContent, b.querySelector('output').textContent]))"""
HANDLERS = """
const names = [...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames());
return names.some((name) => name.startsWith('on'))"""
# Contrast as WCAG defines it, of each text with the first opaque background behind it.
CONTRASTS = """
const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
const linear = (v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
const light = (c) => { const [r, g, b] = c.map(linear); return .2126 * r + .7152 * g + .0722 * b; };
function behind(e) {
  for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return [255, 255, 255];
}
function contrast(e) {
  const a = light(rgb(getComputedStyle(e).color)), b = light(behind(e));
  return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.className, e.textContent.slice(0, 40)];
}
const texts = '.badge, .quiet, h1, a, p, td, dd, .says, .time, button, .hint b, .within, .over';
return [...document.querySelectorAll(texts)].filter((e) => e.offsetParent && e.textContent.trim())
  .map(contrast).filter(([ratio]) => ratio < arguments[0])"""
# What an attacker would try who got a script into the page.
TRIES = """
const done = arguments[0], refused = [], out = 'https://collector.invalid/x';
const attempt = (act) => { try { act(); } catch (e) { refused.push(e.name); } };
document.addEventListener('securitypolicyviolation', (e) => refused.push(e.effectiveDirective));
new Image().src = out;
fetch(out).catch(() => {});
const sheet = document.createElement('link');
sheet.rel = 'stylesheet';
sheet.href = out + '.css';
document.head.append(sheet);
attempt(() => document.body.insertAdjacentHTML('beforeend', '<b>text</b>'));
const script = document.createElement('script');
attempt(() => { script.textContent = 'window.owned = 1'; document.body.append(script); });
setTimeout(() => done(refused), 300);"""


@pytest.fixture(scope="session")
def page(tmp_path_factory):
    """The page of a name in ``pages.PAGES``, made once."""
    made = {}

    def give(name):
        if name not in made:
            made[name] = pages.PAGES[name](tmp_path_factory.mktemp(name) / "run")
        if made[name] is None:
            pytest.skip("no run on this machine yet: tox -e conformance")
        return made[name]

    return give


def draw_all(browser):
    """Every timeline is drawn, as it is when a reader has scrolled past it."""
    browser.run("document.querySelectorAll('.plot').forEach((p) => timelines.show(p.dataset.record, 0, 1e9))")
    browser.run("scrollTo(0, 0)")


@pytest.mark.parametrize("name", pages.PAGES)
def test_it_opens_from_disk_with_the_network_off(browser, page, name):
    """No error on the console and no request but for the file, also once every timeline is drawn."""
    path = page(name)
    browser.open(path)
    draw_all(browser)
    assert browser.errors() == []
    assert [url for url in browser.requests() if not url.startswith("data:")] == [path.resolve().as_uri()]
    drawn = browser.run(
        "return [...document.querySelectorAll('.plot')].every((p) => p.querySelector('canvas'))"
    )
    assert drawn


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", ["failing", "hostile", "killed", "dead", "latest"])
def test_it_fits_and_can_be_read(browser, page, name, size, scheme):
    """At desktop and phone width, light and dark: nothing is wider than the screen, text has contrast."""
    browser.open(page(name), size, scheme)
    draw_all(browser)
    browser.screenshot(f"{name}-{size[0]}-{scheme}")
    assert browser.overflow() == 0
    assert browser.run(CONTRASTS, LEAST_CONTRAST) == []


def test_no_outcome_is_told_by_colour_alone(browser, page):
    """Each badge has a sign and the word; each line of a panel has a style of its own."""
    browser.open(page("failing"))
    draw_all(browser)
    badges = browser.run("return [...document.querySelectorAll('summary .badge')].map((b) => b.textContent)")
    assert {tuple(text.split()) for text in badges} == {
        ("✓", "passed"),
        ("✗", "failed"),
        ("!", "error"),
        ("∥", "blocked"),
        ("–", "skipped"),
        ("↑", "upstream-defect"),
    }
    dashes = browser.run(
        "return [...document.querySelectorAll('.legend')].slice(0, 2).map((l) =>"
        " [...l.querySelectorAll('line')].map((e) => e.getAttribute('stroke-dasharray')))"
    )
    assert all(len(set(styles)) == len(styles) for styles in dashes)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("killed", ("unfinished", "it was killed", "51 of 53 without a result")),
        ("stopped", ("error", "stopped by SIGTERM", "51 of 53 without a result")),
        ("dead", ("error", "the cluster does not answer any more", "Remedy")),
        ("empty", ("error", "nothing judged")),
        ("failing", ("non-conformant", "2 failed")),
        ("good", ("conformant", "10 passed")),
    ],
)
def test_the_first_screen_says_what_happened(browser, page, name, words):
    """On a phone, before any scrolling: the outcome in words, and why when it is no plain verdict."""
    browser.open(page(name), PHONE)
    seen = browser.run(
        "return [...document.querySelectorAll('header h1, header p, header pre')].filter((e) =>"
        " e.getBoundingClientRect().bottom < innerHeight).map((e) => e.innerText).join('\\n')"
    )
    for each in words:
        assert each in seen


def test_the_first_thing_to_look_at_leads_there(browser, page):
    """The link at the top unfolds the behaviour and shows it; its id is an anchor of its own."""
    browser.open(page("failing"))
    browser.find(".look a.id").click()
    target = "dojo\\.07\\.absent-series-becomes-zero"
    assert browser.run("return location.hash") == "#dojo.07.absent-series-becomes-zero"
    assert browser.find(f"#{target}").get_attribute("open") is not None
    assert browser.run(IN_VIEW, f"#{target}")


def test_every_id_is_an_anchor(browser, page):
    """Opened with a behaviour's id behind `#`, the page unfolds it and shows it."""
    browser.open(page("failing"), tail="#dojo.03.producer-publishes")
    assert browser.find("#dojo\\.03\\.producer-publishes").get_attribute("open") is not None
    assert browser.run(IN_VIEW, "#dojo\\.03\\.producer-publishes")
    ids = browser.run("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def shown(browser):
    return browser.run(
        "return [...document.querySelectorAll('details.behaviour')].filter((e) => e.offsetParent)"
        ".map((e) => e.id)"
    )


def test_the_filter_shows_one_outcome(browser, page):
    """A click shows that outcome only; an anchor to a hidden behaviour brings it back."""
    browser.open(page("failing"))
    everything = shown(browser)
    browser.find("[data-outcome=failed]:is(button)").click()
    assert shown(browser) == ["dojo.07.absent-series-becomes-zero", "dojo.11.adapter-restart"]
    assert browser.find("button[data-outcome=failed]").get_attribute("aria-pressed") == "true"
    assert browser.find("#shown").text == f"2 of {len(everything)} shown"
    browser.run("location.hash = '#dojo.01.tools'")
    browser.driver.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0]))")
    assert shown(browser) == everything


def test_the_filter_works_with_keys_and_words(browser, page):
    """Arrows move along the filter, Enter chooses, the focus is visible; words find in all texts."""
    from selenium.webdriver.common.keys import Keys

    browser.open(page("failing"))
    browser.run("document.querySelector('.filter button').focus()")
    browser.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    active = browser.driver.switch_to.active_element
    assert active.get_attribute("data-outcome") == "passed"
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") != "none"
    active.send_keys(Keys.ENTER)
    assert len(shown(browser)) == 5
    browser.find("button[data-outcome='']").click()
    browser.find("#search").send_keys("has NO series")
    assert shown(browser) == ["dojo.07.absent-series-becomes-zero"]


def test_details_open_with_keys(browser, page):
    """A behaviour is unfolded from the keyboard."""
    from selenium.webdriver.common.keys import Keys

    browser.open(page("failing"))
    browser.run("document.querySelector('#dojo\\\\.01\\\\.tools summary').focus()")
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.find("#dojo\\.01\\.tools").get_attribute("open") is not None


def test_the_timeline_zooms_and_comes_back(browser, page):
    """Dragging shows that stretch in all panels, a double-click all again; so do buttons and keys."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    browser.open(page("failing"), tail="#record-0")
    over = browser.find(f"{PLOT} .u-over")
    width = over.size["width"]
    act = ActionChains(browser.driver)
    act.move_to_element_with_offset(over, -width // 4, 0).click_and_hold().move_by_offset(width // 4, 0)
    act.release().perform()
    low, high = browser.run(RANGE)
    assert (low, high) == (pytest.approx(50, abs=2), pytest.approx(100, abs=2))
    ActionChains(browser.driver).double_click(over).perform()
    assert browser.run(RANGE) == [0, 200]
    browser.find(f"{PLOT} [aria-label='zoom in']").click()
    assert browser.run(RANGE) == [50, 150]
    browser.find(f"{PLOT} [aria-label=later]").click()
    assert browser.run(RANGE) == [100, 200]
    browser.run(f"document.querySelector('{PLOT}').focus()")
    browser.driver.switch_to.active_element.send_keys("0")
    assert browser.run(RANGE) == [0, 200]
    browser.driver.switch_to.active_element.send_keys("+", Keys.ARROW_RIGHT)
    assert browser.run(RANGE) == [50, 150]
    browser.find(f"{PLOT} [aria-label='show all']").click()
    assert browser.run(RANGE) == [0, 200]


def test_hovering_reads_the_values_and_says_what_failed(browser, page):
    """Under the pointer each line's value is shown; in a gap its reason, never the value before."""
    from selenium.webdriver import ActionChains

    browser.open(page("failing"), tail="#record-0")
    over = browser.find(f"{PLOT} .u-over")
    width = over.size["width"]
    ActionChains(browser.driver).move_to_element_with_offset(over, int(width * (40 / 200 - 0.5)), 0).perform()
    read = browser.run(VALUES)
    assert read["ready replicas"] == "20"
    assert float(read["queue length"]) == pytest.approx(140, abs=20)
    ActionChains(browser.driver).move_to_element_with_offset(
        over, int(width * (160 / 200 - 0.5)), 0
    ).perform()
    read = browser.run(VALUES)
    assert (read["adapter value"], read["recorded metric"]) == ("failed", "absent")
    assert "adapter value failed: 500" in browser.find(f"{PLOT} .now").text


def test_a_behaviour_leads_to_its_place_in_the_timeline(browser, page):
    """The link zooms to the part it was judged from; the address can be sent to somebody."""
    browser.open(page("failing"))
    browser.find("#dojo\\.07\\.absent-series-becomes-zero .where a").click()
    low, high = browser.run(RANGE)
    assert 140 < low < 150
    assert 175 < high < 185
    assert browser.run(IN_VIEW, PLOT)
    assert browser.run("return location.hash") == "#record-0@150.0-175.0"
    browser.open(page("failing"), tail="#record-0@20.0-40.0")
    low, high = browser.run(RANGE)
    assert 10 < low < 20
    assert 40 < high < 50


def test_hostile_texts_never_become_markup(browser, page):
    """Attacks in every text of a solution and a cluster are shown as text, and nothing of them runs."""
    browser.open(page("hostile"))
    draw_all(browser)
    browser.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    for place in range(5):
        browser.run("document.querySelector('.plot').timeline.point(arguments[0])", 150 + 5 * place)
    assert browser.run("return [window.owned, document.title.includes('owned')]") == [None, False]
    kinds = browser.run("return [...new Set([...document.querySelectorAll('*')].map((e) => e.localName))]")
    assert not {"img", "iframe", "object", "embed", "form", "textarea"} & set(kinds)
    assert browser.run("return document.scripts.length") == 5
    assert not browser.run(HANDLERS)
    links = browser.run("return [...document.links].map((a) => a.protocol)")
    assert set(links) <= {"file:", "https:"}
    assert browser.errors() == []


def test_the_page_could_not_ask_or_run_anything_if_it_wanted(browser, page):
    """Its policy refuses a request, a foreign script and markup made from text, whoever tries."""
    browser.open(page("good"))
    tried = browser.driver.execute_async_script(TRIES)
    assert {"img-src", "connect-src", "style-src-elem", "TypeError"} <= set(tried)
    assert browser.run("return window.owned") is None
    assert browser.refused() == {"https://collector.invalid/x", "https://collector.invalid/x.css"}


def test_a_large_run_is_small_and_fast(browser, page):
    """A hundred behaviours and an hour of records: under 1.5 MB, usable and drawn within a second.

    Measured as the page's own processor time: a busy machine must not make it slow.
    """
    path = page("large")
    assert path.stat().st_size < LARGEST_PAGE
    browser.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    took = []
    for _ in range(3):
        browser.open(path)
        browser.run("timelines.show(0, 0, 3600)")
        browser.driver.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0]))")
        metrics = browser.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        took += [each["value"] for each in metrics if each["name"] == "ThreadTime"]
    opened = browser.run("return document.documentElement.dataset.ready")
    print(f"{path.stat().st_size} bytes, {min(took):.2f} s of processor time; usable after {opened} ms")
    assert 0 < min(took) < INTERACTIVE_SECONDS


def test_an_hour_is_drawn_with_its_failures(browser, page):
    """What is not drawn of a long record is said; the waits that do not fit are counted."""
    browser.open(page("large"), tail="#record-0")
    browser.screenshot("large-1280-light", 1600)
    data = json.loads(browser.run("return document.getElementById('data').textContent"))
    failed = len(data["records"][0]["signals"]["queue_length"]["f"])
    assert failed == len([t for t in range(3600) if t % 97 == 0])


def test_it_prints_light_and_whole(browser, page):
    """On paper everything is unfolded and drawn, whatever the screen's colours; then all is as it was."""
    browser.open(page("failing"), scheme="dark")
    told = browser.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert len(told["data"]) > 50_000
    assert browser.run("return document.documentElement.classList.contains('paper')") is False
    assert browser.find("#dojo\\.01\\.tools").get_attribute("open") is None
    assert browser.errors() == []


def test_it_can_be_read_without_scripts(browser, page):
    """Where scripts do not run, texts and tables are there, and what needs them is hidden."""
    browser.open(page("failing"))
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.driver.refresh()
    text = browser.find("body").text
    assert "redis_items_in_queue was absent for 25 s" in text
    assert "6 events, with the readings at each" in text
    assert "Drag to zoom" not in text
