"""A real Chromium with no network, and reports written by the kit's own writers for it to open.

The driver is the machine's own (Debian: chromium-driver); Selenium is told not to look for one.
"""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REMEDY = "no Chromium with its driver on PATH. Remedy: apt-get install chromium chromium-driver"
SCREENSHOTS = Path(__file__).parents[2] / "reports" / "runs" / "screenshots"
DESKTOP, PHONE = (1280, 900), (360, 740)
FLAGS = (
    "--headless=new",
    # Chromium's sandbox needs user namespaces, which containers lack; the pages are our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name resolves: what asks the network fails, and is seen in the log of requests.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    # A container's /dev/shm may have 64 MB.
    "--disable-dev-shm-usage",
)


class Browser:
    """One tab. ``open`` shows a file at a size and in a colour scheme; ``requests`` is what it asked for."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(
        self, path: Path, size: tuple[int, int] = DESKTOP, scheme: str = "light", tail: str = ""
    ) -> None:
        """Load the file anew, with nothing left of the page before."""
        scripts = {"value": False}
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", scripts)
        self.driver.get("about:blank")
        self.errors(), self.requests()  # what was logged until now is another page's
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        view = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", view)
        self.driver.get(path.resolve().as_uri() + tail)

    def run(self, script: str, *arguments: Any) -> Any:
        """What the script returns."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> Any:
        """The first element, or NoSuchElementException."""
        return self.driver.find_element("css selector", selector)

    def errors(self) -> list[str]:
        """What the console said since the last time it was asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The addresses asked for since the last time it was asked."""
        return [told["request"]["url"] for told in self._network("Network.requestWillBeSent")]

    def refused(self) -> set[str]:
        """The addresses that a script asked for and that the page's policy did not let out."""
        entries = self._network("Network.requestWillBeSent", "Network.loadingFailed")
        blocked = {told["requestId"] for told in entries if told.get("blockedReason") == "csp"}
        asked = [told for told in entries if "request" in told]
        assert {told["requestId"] for told in asked if "collector" in told["request"]["url"]} <= blocked
        return {told["request"]["url"] for told in asked if told["requestId"] in blocked}

    def _network(self, *methods: str) -> list[dict[str, Any]]:
        entries = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [entry["params"] for entry in entries if entry["method"] in methods]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(
            self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        )

    def screenshot(self, name: str, height: int = 3000) -> Path:
        """The page from its top, `height` pixels of it."""
        width, whole = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, whole), "scale": 1}
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        path.write_bytes(self.capture(clip))
        return path

    def capture(self, clip: dict[str, float]) -> bytes:
        """A stretch of the page as PNG, in or out of view."""
        told = {"captureBeyondViewport": True, "clip": clip}
        return b64decode(self.driver.execute_cdp_cmd("Page.captureScreenshot", told)["data"])


def start(profile: Path) -> Any:
    """Chromium's driver with a fresh profile; FileNotFoundError with the remedy where there is none."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        raise FileNotFoundError(REMEDY)
    os.environ["SE_OFFLINE"] = "true"
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(driver))


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, started once. Skips where there is none, except in a CI, where that is a failure."""
    try:
        driver = start(tmp_path_factory.mktemp("profile"))
    except FileNotFoundError as missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(missing))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
