from __future__ import annotations

import dataclasses
import itertools
import json
import re

import numpy as np
import pytest

from playout.analyse.estimate import spread
from playout.present import charts
from playout.present.charts import (
    DARK,
    LIGHT,
    USUAL,
    Bar,
    Spec,
    colour_of,
    ladder_stream,
    milliseconds,
    share_bars,
    with_colours,
)
from playout.present.fans import fan_chart, fan_value, member_intervals
from playout.present.figures import figures
from playout.present.views.estimate import fan
from present.made_up import made_up_fan, made_up_ladder, made_up_page

LADDER = made_up_ladder(400)

SPECS: dict[str, Spec] = {
    "ladder": ladder_stream(LADDER),
    "level": fan_chart(made_up_fan(), 2025.18),
    "difference": fan_chart(made_up_fan(difference=True), 2025.18, difference=True),
    "bars": share_bars([Bar("One", 0.6, "60%", 0.4, 0.7), Bar("Two", 0.4, "40%")]),
    "members": member_intervals([("One", [-1.0, 0.0, 1.0, 2.0, 3.0]), ("Two", [0.0] * 5)], difference=True),
}


@pytest.mark.parametrize("name", SPECS)
def test_every_specification_is_valid_vega_lite(name: str) -> None:
    import altair

    spec = {**with_colours(SPECS[name]), "width": 400}
    if "data" in spec:  # two thousand rows of one shape take altair a minute, and a dozen show the shape
        spec["data"]["values"] = spec["data"]["values"][:12]
    altair.Chart.from_dict(spec)


@pytest.mark.parametrize("name", SPECS)
def test_every_specification_draws_without_a_page_around_it(name: str) -> None:
    import vl_convert

    svg = vl_convert.vegalite_to_svg({**with_colours(SPECS[name], DARK), "width": 400})
    assert "var(--" not in svg
    assert "NaN" not in svg


def test_every_colour_used_is_in_both_palettes() -> None:
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", json.dumps([SPECS, charts.CONFIG])))
    used |= {colour_of(LADDER, rung) for rung in LADDER.rungs}
    assert used <= set(LIGHT)
    assert set(LIGHT) == set(DARK)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "muted", "accent"])
def test_what_is_read_stands_out_from_the_paper(palette: dict[str, str], name: str) -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(palette[name]), luminance(palette["paper"])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2, level AA


def test_stages_on_the_path_have_hues_of_their_own_and_others_are_grey() -> None:
    colours = {rung.name: colour_of(LADDER, rung) for rung in LADDER.rungs}
    assert len({colours[name] for name in LADDER.path}) == len(LADDER.path)
    assert colours["shelved"] == "band-off"
    assert colours["supporting"].startswith("band-off-")


def test_a_bands_name_stands_inside_the_band() -> None:
    shares = np.array([rung.shares for rung in LADDER.rungs])
    tops = shares[::-1].cumsum(axis=0)[::-1]
    for label in charts._band_labels(LADDER):
        number = [rung.short for rung in LADDER.rungs].index(label.text)
        step = LADDER.dates.index(label.date)
        assert tops[number, step] - shares[number, step] < label.height < tops[number, step]


def test_counts_start_at_zero() -> None:
    layers = SPECS["level"]["layer"]
    domains = [
        layer["encoding"]["y"]["scale"]["domain"] for layer in layers if "scale" in layer["encoding"].get("y", {})
    ]
    assert {domain[0] for domain in domains} == {0.0}


def test_an_incomplete_year_is_marked_and_never_joined_to_whole_ones() -> None:
    text = json.dumps(SPECS["level"], ensure_ascii=False)
    assert "2025 (incomplete)" in text
    assert "2025*" in text
    lines = [
        layer
        for layer in SPECS["level"]["layer"]
        if isinstance(layer["mark"], dict) and layer["mark"]["type"] == "line"
    ]
    assert all("datum.whole" in json.dumps(layer.get("transform")) for layer in lines if "data" not in layer)


def test_yes_and_no_is_drawn_as_a_share() -> None:
    values = np.array([[0.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    made = fan(spread(values), values, amount=False, labels=["a", "b"], at=[2026.0, 2027.0], complete=[True, True])
    assert made.binary
    assert made.quantiles[0] == (0.75,) * 5
    assert fan_value(made, 0, 0.75, difference=False) == "75%"
    assert fan_value(made, 0, -0.75, difference=True) == "−75 points"


def test_every_picture_of_a_page_has_words_for_those_who_cannot_see_it() -> None:
    page = made_up_page()
    drawn = figures(page)
    for panels in drawn.panels.values():
        assert all(len(panel.text) > 20 for panel in panels)
    wanted = {panel.chart for panels in drawn.panels.values() for panel in panels if panel.chart}
    others = {"ladder", "decision-authority", "parting"}
    others |= {"policies-homicides", "policies-displaced", "tornado-homicides"}
    assert set(drawn.specs) == wanted | others


def test_what_never_differs_is_said_and_not_drawn() -> None:
    values = np.zeros((2, 50))
    none = fan(spread(values), values, amount=True, labels=["a", "b"], at=[1.5, 2.5], complete=[True, True])
    assert none.never
    assert none.empty
    values[0, 0] = 3.0
    rare = fan(spread(values), values, amount=True, labels=["a", "b"], at=[1.5, 2.5], complete=[True, True])
    assert not rare.never
    assert rare.empty


def test_names_of_bands_do_not_cover_each_other() -> None:
    ladder = made_up_ladder()
    flat = [dataclasses.replace(rung, shares=(0.06,) * len(ladder.dates)) for rung in ladder.rungs[:-1]]
    flat.append(dataclasses.replace(ladder.rungs[-1], shares=(1.0 - 0.06 * len(flat),) * len(ladder.dates)))
    spec = ladder_stream(dataclasses.replace(ladder, rungs=tuple(flat)))
    named = [layer for layer in spec["layer"] if "layer" in layer]
    assert len(named) > 2
    boxes = [(layer["data"]["values"][0], len(layer["layer"][0]["encoding"]["text"]["value"])) for layer in named]
    span = milliseconds(ladder.dates[-1]) - milliseconds(ladder.dates[0])
    for (one, length), (other, width) in itertools.combinations(boxes, 2):
        apart = USUAL * abs(one["t"] - other["t"]) / span
        assert abs(one["y"] - other["y"]) > 0.05 or apart > 3 * (length + width)
