"""The report in a real browser: by mouse, by keyboard, without script, on paper; and nothing leaves or runs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from adsyncdiag.report.as_json import as_json

pytestmark = pytest.mark.browser

PANELS = ["steps", "troubleshooting", "modifiedproperties", "summary", "rules", "metaverse"]


def shown(browser: Chrome) -> list[str]:
    """Return the panels that can be seen."""
    return [
        panel.get_attribute("id") for panel in browser.find_elements(By.CSS_SELECTOR, ".panel") if panel.is_displayed()
    ]


def tab(browser: Chrome, panel: str) -> WebElement:
    """Return the tab of a panel."""
    return browser.find_element(By.CSS_SELECTOR, f"#tabs a[href='#{panel}']")


def address(browser: Chrome) -> str:
    """Return the part of the address inside the page."""
    return str(browser.execute_script("return location.hash"))


def displayed(browser: Chrome, identifier: str) -> bool:
    """Say whether an element can be seen."""
    return browser.find_element(By.ID, identifier).is_displayed()


def test_tabs_by_mouse(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """A click shows one panel and hides the others, is in the address, and the way back works."""
    visit(samples.success())
    assert shown(browser) == ["steps"]
    for panel in PANELS[1:]:
        tab(browser, panel).click()
        assert shown(browser) == [panel]
        assert address(browser) == f"#{panel}"
        assert tab(browser, panel).get_attribute("aria-selected") == "true"
    browser.back()
    assert shown(browser) == ["rules"]


def test_tabs_by_keyboard(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """Arrow keys, Home and End move between tabs and keep the focus there; only the chosen tab is in the tab order."""
    visit(samples.success())
    tab(browser, "steps").send_keys(Keys.ARROW_RIGHT)
    keys = [(Keys.ARROW_RIGHT, 2), (Keys.END, 5), (Keys.ARROW_RIGHT, 0), (Keys.ARROW_LEFT, 5), (Keys.HOME, 0)]
    assert shown(browser) == [PANELS[1]]
    for key, expected in keys:
        browser.switch_to.active_element.send_keys(key)
        assert shown(browser) == [PANELS[expected]]
        assert browser.switch_to.active_element == tab(browser, PANELS[expected])
    order = [link.get_attribute("tabindex") for link in browser.find_elements(By.CSS_SELECTOR, "#tabs a")]
    assert order == ["0", "-1", "-1", "-1", "-1", "-1"]


def test_tabs_are_announced(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """The accessibility tree has a tab list, its tabs with their documented names, and one panel named by its tab."""
    visit(samples.success())
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    named: dict[str, list[str]] = {}
    for node in nodes:
        if not node["ignored"]:
            named.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    assert named["tab"][:4] == ["Steps", "Troubleshooting & Recommendation", "Modified Properties", "Summary"]
    assert len(named["tablist"]) == 1
    assert named["tabpanel"] == ["Steps"]


@pytest.mark.parametrize("name", ["success", "conflict", "excluded"])
def test_everything_is_readable_without_script(
    browser: Chrome, visit: Callable[..., Path], samples: ModuleType, name: str
) -> None:
    """With script off all panels are there to read, dead controls are not, and steps open by themselves."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    visit(samples.SAMPLES[name]())
    assert set(shown(browser)) >= set(PANELS[:4])
    assert not [
        bar for bar in browser.find_elements(By.CSS_SELECTOR, ".toolbar, #tools, .actions") if bar.is_displayed()
    ]
    card = browser.find_element(By.ID, "steps/1")
    card.find_element(By.TAG_NAME, "summary").click()
    assert displayed(browser, "steps-step1")


def test_address_opens_a_step_without_script(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """Even with script off the address of an attribute row opens the step it is in."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    visit(samples.success(), "#steps-step10-mail")
    assert displayed(browser, "steps-step10-mail")


def test_address_opens_a_step(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """`#steps/7` opens step 7 and brings it into view."""
    visit(samples.success(), "#steps/7")
    assert displayed(browser, "steps-step7")
    assert not displayed(browser, "steps-step6")
    top = browser.execute_script("return document.getElementById('steps/7').getBoundingClientRect().top")
    assert 0 <= top < 400


def test_opening_a_step_names_it_in_the_address(
    browser: Chrome, visit: Callable[..., Path], samples: ModuleType
) -> None:
    """The address always leads back to the step that was opened last."""
    visit(samples.success())
    browser.find_element(By.CSS_SELECTOR, "[id='steps/3'] > summary").click()
    assert address(browser) == "#steps/3"


@pytest.mark.parametrize("stray", ["#%", "#nowhere", "#steps/99", "#\"'<b>", "#__proto__"])
def test_stray_addresses_show_the_steps(
    browser: Chrome, visit: Callable[..., Path], samples: ModuleType, stray: str
) -> None:
    """An address that leads nowhere shows the first tab, and no script fails over it."""
    visit(samples.success(), stray)
    assert shown(browser) == ["steps"]
    assert browser.get_log("browser") == []


def test_modified_property_opens_its_row(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """A modified property leads to its row in the export step, which opens, is lit and has the focus; so does going back."""
    visit(samples.success(), "#modifiedproperties")
    browser.find_element(By.LINK_TEXT, "proxyAddresses - Count").click()
    assert shown(browser) == ["steps"]
    row = browser.find_element(By.ID, "steps-step10-proxyAddresses")
    assert row.is_displayed()
    assert "lit" in str(row.get_attribute("class"))
    assert browser.switch_to.active_element == row
    browser.back()
    assert shown(browser) == ["modifiedproperties"]


def test_rule_name_opens_its_rule(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """The name of a rule leads to its verdict."""
    visit(samples.success(), "#steps/10")
    browser.find_element(By.CSS_SELECTOR, "#steps-step10-mail a").click()
    assert shown(browser) == ["rules"]
    assert "Out to AAD - User Join" in browser.find_element(By.CSS_SELECTOR, "tr.lit").text


def test_only_what_changed(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """Rows without a change are hidden until asked for; an address that names one shows it."""
    visit(samples.success(), "#steps/10")
    assert not displayed(browser, "steps-step10-accountEnabled")
    browser.find_element(By.CSS_SELECTOR, "#steps-step10 [data-only]").click()
    assert displayed(browser, "steps-step10-accountEnabled")
    visit(samples.success(), "#steps-step10-accountEnabled")
    assert displayed(browser, "steps-step10-accountEnabled")


def test_filter_and_sort(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """Typing keeps the rows with that text and says how many; a column's head sorts up, then down."""
    visit(samples.success(), "#metaverse")
    panel = browser.find_element(By.ID, "metaverse")

    def names() -> list[str]:
        return [cell.text for cell in panel.find_elements(By.CSS_SELECTOR, ".grid tbody th") if cell.is_displayed()]

    panel.find_element(By.CSS_SELECTOR, "thead th:first-child button").click()
    up = names()
    panel.find_element(By.CSS_SELECTOR, "thead th:first-child button").click()
    assert names() == up[::-1]
    assert panel.find_element(By.CSS_SELECTOR, "thead th").get_attribute("aria-sort") == "descending"
    panel.find_element(By.CSS_SELECTOR, "[data-filter]").send_keys("NORA@")
    assert sorted(names()) == ["mail", "proxyAddresses"]
    assert panel.find_element(By.CSS_SELECTOR, "[data-shown]").text == "2 of 5 attributes shown"


@pytest.mark.parametrize("name", ["conflict", "hostile", "group"])
def test_nothing_leaves_and_nothing_is_refused(
    browser: Chrome, visit: Callable[..., Path], samples: ModuleType, name: str
) -> None:
    """The page asks for nothing but itself, and our own style and script satisfy its policy."""
    file = visit(samples.SAMPLES[name]())
    for panel in [
        link.get_attribute("href").split("#")[1] for link in browser.find_elements(By.CSS_SELECTOR, "#tabs a")
    ]:
        tab(browser, panel).click()
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}
    assert asked - {"about:blank"} == {file.as_uri()}
    assert browser.get_log("browser") == []
    assert browser.execute_script("return getComputedStyle(document.querySelector('.verdict')).display") == "flex"


def test_hostile_values_are_inert(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """Values made of markup run nothing and add no element, in any tab."""
    visit(samples.hostile())
    for panel in PANELS:
        tab(browser, panel).click()
    time.sleep(0.2)
    found: dict[str, Any] = browser.execute_script(
        "return {alerted: window.alerted === true, scripts: document.scripts.length, images: document.images.length,"
        " handlers: document.querySelectorAll('[onload], [onerror], [onclick]').length,"
        " odd: Array.from(document.links).filter((a) => !/^(file|https):/.test(a.protocol)).length}"
    )
    assert found == {"alerted": False, "scripts": 2, "images": 0, "handlers": 0, "odd": 0}


def test_json_can_be_saved(browser: Chrome, visit: Callable[..., Path], samples: ModuleType, tmp_path: Path) -> None:
    """The button saves the JSON inside the page under the report's own name."""
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    visit(samples.hostile())
    browser.find_element(By.ID, "save-json").click()
    saved = tmp_path / "report.json"
    deadline = time.monotonic() + 10
    while not saved.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert json.loads(saved.read_bytes()) == json.loads(as_json(samples.hostile()))


def test_paper_has_everything(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """On paper all panels and all steps are open, in light colours, without controls."""
    visit(samples.success())
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]},
    )
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert shown(browser) == PANELS
    assert all(displayed(browser, f"steps-step{number}") for number in range(1, 11))
    assert not displayed(browser, "tabs")
    ground = "return getComputedStyle(document.body).backgroundColor"
    assert browser.execute_script(ground) == "rgb(255, 255, 255)"
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen"})
    assert shown(browser) == ["steps"]
    assert not displayed(browser, "steps-step1")


def test_dark_theme(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """The page follows the reader's theme."""
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    visit(samples.success())
    assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(15, 19, 24)"


def test_narrow_screen_does_not_scroll_sideways(
    browser: Chrome, visit: Callable[..., Path], samples: ModuleType
) -> None:
    """On a telephone every panel fits the width, open steps and hostile values included."""
    metrics = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        for record in (samples.conflict(), samples.hostile()):
            visit(record)
            browser.execute_script("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            for panel in PANELS:
                tab(browser, panel).click()
                width = browser.execute_script("return document.documentElement.scrollWidth")
                assert width <= 390, panel
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_skip_link(browser: Chrome, visit: Callable[..., Path], samples: ModuleType) -> None:
    """The first stop of the keyboard leads past the head into the report."""
    visit(samples.success())
    ActionChains(browser).send_keys(Keys.TAB).perform()
    assert browser.switch_to.active_element.text == "Skip to the report"
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.switch_to.active_element.get_attribute("id") == "main"
    assert shown(browser) == ["steps"]
