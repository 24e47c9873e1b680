"""The report in a real browser: it renders, opens by keyboard, moves, and stays within its page.

Skipped where there is no Chromium with its driver, or no selenium.
"""

import copy
import json
import shutil
from pathlib import Path

import pytest

from theorycheck.commands.results import write_report

selenium = pytest.importorskip("selenium", reason="selenium is not installed")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (BROWSER and DRIVER), reason="no Chromium with its driver"),
]

WIDTHS = (1280, 380)
BOUNDS = ("#loss-panel line.limit", "#coefficient-panel line.level")
SCRIPT = "<script>document.title = 'broken'</script>"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    profile = tmp_path_factory.mktemp("profile")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND",  # no network, whatever the page asks for
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def url(made_up_results, tmp_path_factory):
    """The page of results with a script for a reason, and a bound on t* that is to be seen."""
    results = copy.deepcopy(made_up_results)
    results["verdicts"][0]["reason"] = SCRIPT
    for course in results["trajectories"]["courses"]:
        course["levels"]["stopping-time"] = course["steps"][-1]
    return write_report(results, tmp_path_factory.mktemp("report")).as_uri()


def show(browser, url, width=1280, scheme="light"):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    browser.get("about:blank")
    browser.get(url)
    return browser


@pytest.fixture
def page(browser, url):
    return show(browser, url)


def run(page, script, *arguments):
    return page.execute_script(script, *arguments)


def open_all(page):
    run(page, "document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def test_page_renders_without_a_word_in_the_console(page):
    open_all(page)
    assert page.title == (
        "Mild pruning is refuted, over-pruning is not decided – theorycheck report"
    )
    assert page.get_log("browser") == []


def test_script_in_a_reason_is_shown_as_text(page):
    open_all(page)
    text = run(page, "return document.querySelector('.claim .reason').innerText")
    assert text == SCRIPT
    assert "broken" not in page.title


def test_every_formula_has_a_box(page):
    open_all(page)
    boxes = run(
        page,
        "return [...document.querySelectorAll('math')]"
        ".map((one) => one.getBoundingClientRect()).map((box) => [box.width, box.height])",
    )
    assert len(boxes) > 40
    assert all(width > 5 and height > 5 for width, height in boxes)
    fractions = run(
        page,
        "const top = (one) => one.getBoundingClientRect().top;"
        "return [...document.querySelectorAll('mfrac')]"
        ".map((one) => top(one.children[1]) - top(one.children[0]))",
    )
    assert fractions
    assert all(below > 0 for below in fractions)  # a denominator stands below: MathML is drawn


def test_every_claim_opens_by_keyboard(page):
    from selenium.webdriver.common.keys import Keys

    claims = run(page, "return document.querySelectorAll('details.claim').length")
    reached = set()
    for _ in range(200):
        page.switch_to.active_element.send_keys(Keys.TAB)
        focused = run(
            page,
            "const one = document.activeElement.closest('details.claim > summary');"
            "return one ? one.parentElement.id : ''",
        )
        if focused and focused not in reached:
            page.switch_to.active_element.send_keys(Keys.ENTER)
            reached.add(focused)
            assert run(page, "return document.getElementById(arguments[0]).open", focused)
        if len(reached) == claims:
            break
    assert len(reached) == claims == 19


def test_link_in_the_summary_opens_its_claim(page):
    run(page, "document.querySelector('.board a[href=\"#claim-3\"]').click()")
    assert run(page, "return document.getElementById('claim-3').open")


def panels(page):
    return [
        run(page, f"return document.getElementById('{name}-panel').innerHTML")
        for name in ("loss", "coefficient", "test")
    ]


def test_slider_moves_the_picture_by_keyboard(page, made_up_results):
    from selenium.webdriver.common.keys import Keys

    courses = made_up_results["trajectories"]["courses"]
    slider = page.find_element("id", "keep")
    seen = []
    for course in courses:
        seen.append((*panels(page), page.find_element("id", "told").text))
        assert page.find_element("id", "keep-value").text == f"p = {course['p']:g}"
        assert slider.get_attribute("aria-valuetext") == f"p = {course['p']:g}"
        slider.send_keys(Keys.ARROW_RIGHT)
    assert len(courses) == 3
    for shown in (0, 2, 3):  # loss, test loss and what is told differ from p to p
        assert len({one[shown] for one in seen}) == 3
    assert all("polyline" in picture for one in seen for picture in one[:2])
    assert "NaN" not in "".join(seen[0])


def drawn_course(page):
    """What the explorer of paths shows: its panels, and what it says in words."""
    shown = [
        run(page, f"return document.getElementById('course-{name}-panel').innerHTML")
        for name in ("loss", "coefficient", "test")
    ]
    return [*shown, page.find_element("id", "course-told").text]


def choose(page, place, value):
    run(
        page,
        "const one = document.getElementById(arguments[0]); one.value = arguments[1];"
        "one.dispatchEvent(new Event(one.type === 'range' ? 'input' : 'change'))",
        place,
        value,
    )


def test_size_of_a_path_is_turned_by_keyboard(page, made_up_results):
    from selenium.webdriver.common.keys import Keys

    path = made_up_results["courses"][0]
    slider = page.find_element("id", "course-size")
    seen = []
    for power in ("10⁴", "10⁶", "10⁸", "10¹⁰", "10¹²"):
        seen.append(drawn_course(page))
        value = f"d\u00a0=\u00a0{power}"
        assert page.find_element("id", "course-size-value").text == value.replace("\u00a0", " ")
        assert slider.get_attribute("aria-valuetext") == value
        assert f"Mild pruning, seed 1: at {value} training reaches its target" in (
            run(page, "return document.getElementById('course-told').textContent")
        )
        slider.send_keys(Keys.ARROW_RIGHT)
    assert len(path["sizes"]) == len(seen) == 5
    for panel in range(4):  # everything differs from size to size
        assert len({one[panel] for one in seen}) == 5
    assert all("polyline" in picture for one in seen for picture in one[:3])
    assert not any(wrong in str(seen) for wrong in ("NaN", "Infinity", "undefined", "null"))
    assert page.get_log("browser") == []


def test_path_and_seed_are_chosen_by_keyboard(page, made_up_results):
    from selenium.webdriver.common.keys import Keys

    assert [one["seeds"] for one in made_up_results["courses"]] == [[1, 2, 3]] * 2
    first = drawn_course(page)
    page.find_element("id", "course-seed").send_keys(Keys.ARROW_DOWN)
    second = drawn_course(page)
    assert "Mild pruning, seed 2: " in second[-1]
    for panel in (0, 1):  # the made-up runs differ in steps alone
        assert first[panel] != second[panel]
    choose(page, "course-size", 3)
    page.find_element("id", "course-path").send_keys(Keys.ARROW_DOWN)
    third = drawn_course(page)
    # another path starts at its first size, with its first seed
    assert "Over-pruning, seed 1: at d = 10⁴ " in third[-1]
    assert "ζ at least" in third[-1]
    assert "γ" not in third[-1].split("Bounds: ")[1]
    assert "p = " in page.find_element("id", "course-moved").text.split("fixed are")[0]
    assert page.get_log("browser") == []


def test_every_control_has_a_name_and_what_is_told_is_announced(page):
    for control in ("course-path", "course-seed", "course-size", "keep"):
        assert page.find_element("id", control).accessible_name
    for told in ("course-told", "told"):
        assert page.find_element("id", told).get_attribute("aria-live") == "polite"
    for name in ("loss", "coefficient", "test"):
        panel = page.find_element("id", f"course-{name}-panel")
        assert panel.accessible_name
        assert panel.aria_role in ("img", "image")


def test_seed_outside_the_event_is_told_apart_and_has_no_bounds(browser, made_up_results, tmp_path):
    results = copy.deepcopy(made_up_results)
    path = results["courses"][0]
    outside = path["sizes"][1]["runs"][2]
    outside["in_event"] = False
    path["sizes"][1]["premises_left"] = ["mild-pruning"]
    page = show(browser, write_report(results, tmp_path).as_uri())
    seeds = run(page, "return [...document.getElementById('course-seed')].map((one) => one.text)")
    assert seeds == ["1", "2", "3, not always in the event"]
    lines = "return document.querySelectorAll('#course-coefficient-panel line.level').length"
    choose(page, "course-size", 1)
    assert "This size leaves the premise mild-pruning." in drawn_course(page)[-1]
    assert run(page, lines) == 3
    choose(page, "course-seed", 3)
    assert "The draw lies outside the theorem's event" in drawn_course(page)[-1]
    assert run(page, lines) == 0
    choose(page, "course-size", 2)
    assert run(page, lines) == 3


@pytest.mark.parametrize("spoiled", ["nothing measured", "one size", "another's theorem"])
def test_path_is_drawn_whatever_its_runs_lack(spoiled, browser, made_up_results, tmp_path):
    results = copy.deepcopy(made_up_results)
    path = results["courses"][0]
    if spoiled == "one size":
        del path["sizes"][1:]
    for size in path["sizes"]:
        if spoiled != "one size":
            size["levels"] = {}
        for one in size["runs"] if spoiled == "nothing measured" else ():
            nothing = {name: [None] for name in ("loss", "gamma", "cross", "zeta", "omega")}
            one |= {"test_loss": None, "test_error": None, "steps": [0.0], **nothing}
    page = show(browser, write_report(results, tmp_path).as_uri())
    shown = drawn_course(page)
    assert "Mild pruning, seed 1: " in shown[-1]
    assert all(picture.count("<text") > 4 for picture in shown[:3])  # both axes have numbers
    assert ("Bounds" in shown[-1]) == (spoiled == "one size")
    assert not any(wrong in str(shown) for wrong in ("NaN", "Infinity", "undefined", "null"))
    assert page.get_log("browser") == []


def test_without_script_no_control_is_shown_and_the_numbers_are(browser, url):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page = show(browser, url)
        for control in ("course-path", "course-size", "keep"):
            assert not page.find_element("id", control).is_displayed()
        assert page.find_element("id", "courses-title").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_bounds_are_drawn_where_the_theorem_speaks(page, made_up_results):
    courses = made_up_results["trajectories"]["courses"]
    assert [one["premise_kept"] for one in courses] == [True, True, False]
    assert all(one["in_event"] for one in courses)
    drawn = []
    for place in range(3):
        run(
            page,
            "const keep = document.getElementById('keep'); keep.value = arguments[0];"
            "keep.dispatchEvent(new Event('input'))",
            place,
        )
        drawn.append(
            [run(page, f"return document.querySelectorAll('{lines}').length") for lines in BOUNDS]
        )
    assert drawn == [[1, 3], [1, 3], [0, 0]]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_no_wider_than_the_window(width, scheme, browser, url, tmp_path):
    page = show(browser, url, width, scheme)
    for opened in (False, True):
        if opened:
            open_all(page)
        widest = run(page, "return document.documentElement.scrollWidth")
        assert widest <= width
        cut = "return [...document.querySelectorAll('.formula')]" \
              ".filter((one) => one.scrollWidth > one.clientWidth).length"  # fmt: skip
        assert run(page, cut) == 0
        assert page.get_screenshot_as_file(str(tmp_path / f"{opened}.png"))


def test_light_and_dark_differ_in_paper_and_figures(browser, url):
    colours = []
    for scheme in ("light", "dark"):
        page = show(browser, url, scheme=scheme)
        open_all(page)
        colours.append(
            run(
                page,
                "return [getComputedStyle(document.body).backgroundColor,"
                "...[...document.querySelectorAll('.claim figure svg path')]"
                ".map((one) => getComputedStyle(one).stroke)]",
            )
        )
    light, dark = colours
    assert light[0] == "rgb(255, 255, 255)"
    assert dark[0] != light[0]
    assert set(light[1:]) != set(dark[1:])


def test_everything_is_open_on_paper(page):
    run(page, "dispatchEvent(new Event('beforeprint'))")
    closed = "return document.querySelectorAll('details.claim:not([open])').length"
    assert run(page, closed) == 0
    run(page, "dispatchEvent(new Event('afterprint'))")
    assert run(page, closed) == 19


def test_what_scrolls_can_be_reached_by_keyboard(browser, url):
    page = show(browser, url, 380)
    open_all(page)
    regions = run(
        page,
        "return [...document.querySelectorAll('*')].filter((one) => one.scrollWidth >"
        "one.clientWidth && getComputedStyle(one).overflowX === 'auto')"
        ".map((one) => [one.tabIndex, one.getAttribute('role'), one.ariaLabel])",
    )
    assert len(regions) > 10
    assert all(order == 0 and role == "region" and label for order, role, label in regions)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (380, "dark")])
def test_axe_finds_no_serious_violation(width, scheme, browser, url):
    axe = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    source = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    page = show(browser, url, width, scheme)
    open_all(page)
    # What axe takes depends on the number of elements: rows and marks of which there are others go.
    more = "details.claim tr:nth-child(n+4), details.claim svg use"
    run(page, f"document.querySelectorAll('{more}').forEach((one) => one.remove())")
    run(page, source)
    page.set_script_timeout(300)
    found = page.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run({resultTypes: ['violations'], iframes: false, elementRef: false})"
        ".then((found) => done(JSON.stringify(found)))"
    )
    result = json.loads(found)
    serious = [
        (one["id"], one["impact"], one["nodes"][0]["target"])
        for one in result["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert len(result["passes"]) > 20
