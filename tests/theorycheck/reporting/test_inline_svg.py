"""A figure inside a page brings no ids, colours or declarations that meet those of others."""

import re
from xml.etree import ElementTree

import pytest

from theorycheck.reporting.figures import style
from theorycheck.reporting.page_parts import COLOURS, inline_svg


def drawn(title="$d^2$", name="a", words="A line."):
    with style.house_style():
        figure = style.new_figure(2)
        ax = figure.subplots()
        ax.plot([1, 2], [1, 2], color="#0072b2")
        ax.fill_between([1, 2], [1, 2], [1, 3], color="#d55e00")
        ax.set_title(title)
        return inline_svg(figure, name, words)


@pytest.fixture(scope="module")
def svg():
    return drawn()


def test_is_one_element(svg):
    assert ElementTree.fromstring(svg).tag == "svg" or "svg" in ElementTree.fromstring(svg).tag
    for part in ("<?xml", "<!DOCTYPE", "<metadata", "<style", "<!--"):
        assert part not in svg


def test_ids_of_two_figures_differ(svg):
    ids = [set(re.findall(r'\bid="([^"]*)"', one)) for one in (svg, drawn(name="b"))]
    assert ids[0]
    assert ids[1]
    assert not ids[0] & ids[1]


def test_references_lead_to_its_own_ids(svg):
    ids = set(re.findall(r'\bid="([^"]*)"', svg))
    references = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', svg)
    assert references
    assert {one or other for one, other in references} <= ids


def test_colours_are_those_of_the_page(svg):
    assert "var(--blue)" in svg
    assert "var(--orange)" in svg
    assert not [colour for colour in COLOURS if colour in svg]
    assert "#ffffff" not in svg


def test_words_stand_for_the_picture():
    root = ElementTree.fromstring(drawn(words='5 < 6 & "so on"'))
    assert root.attrib["aria-label"] == '5 < 6 & "so on"'
    assert root.attrib["role"] == "img"


def test_text_of_a_figure_brings_no_markup():
    svg = drawn(title="--><script>x</script><!--")
    assert "<script" not in svg
    ElementTree.fromstring(svg)


def test_is_the_same_twice(svg):
    assert drawn() == svg
