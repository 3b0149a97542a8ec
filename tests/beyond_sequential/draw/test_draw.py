"""The pictures, from outside: what stands in the SVG, and what a notebook does with it."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from beyond_sequential import i18n
from beyond_sequential.compare import Difference, Place, compare
from beyond_sequential.draw import Drawing, draw_difference, draw_graph
from beyond_sequential.model.graph import ModelGraph, from_json, to_json
from tests.helpers.graphs import Net

SVG = "{http://www.w3.org/2000/svg}"


def tree(drawing: Drawing) -> ET.Element:
    return ET.fromstring(drawing.svg)


def words(element: ET.Element) -> list[str]:
    return [item.text or "" for item in element.iter(f"{SVG}text")]


def boxes(drawing: Drawing, kind: str = "call") -> dict[str, ET.Element]:
    """The groups of one kind by the path of their calls, which no two share."""
    groups = [g for g in tree(drawing).iter(f"{SVG}g") if g.get(f"data-{kind}")]
    found = {g.get(f"data-{kind}"): g for g in groups}
    assert len(found) == len(groups)
    return found


def two_inputs() -> ModelGraph:
    net = Net()
    text = net.input(100, name="text", dtype="int32")
    question = net.input(100, name="question", dtype="int32")
    a = net("LSTM", units=32)(net("Embedding", input_dim=10000, output_dim=64)(text))
    b = net("LSTM", units=16)(net("Embedding", input_dim=10000, output_dim=32)(question))
    both = net("Concatenate", axis=-1, out=(48,))([a, b])
    answer = net("Dense", units=500, activation="softmax", name="answer")(both)
    return net.model([text, question], answer, name="qa")


def shared() -> ModelGraph:
    net = Net()
    left, right = net.input(50, 128, name="left"), net.input(50, 128, name="right")
    reader = net("LSTM", units=32, name="reader")
    both = net("Concatenate", axis=-1)([reader(left), reader(right)])
    return net.model([left, right], net("Dense", units=1)(both))


def siamese(inner_layers: int = 3) -> ModelGraph:
    net = Net()
    inner = net.inner()
    first = inner.input(8, name="inside")
    x = first
    for _ in range(inner_layers):
        x = inner("Dense", units=8, activation="relu")(x)
    encoder = net.nested(inner, first, x, name="encoder")
    left, right = net.input(8, name="left"), net.input(8, name="right")
    both = net("Subtract")([encoder(left), encoder(right)])
    return net.model([left, right], net("Dense", units=1)(both))


def residual(blocks: int, **odd: object) -> ModelGraph:
    """A chain of equal blocks; in the last one a layer has the settings `odd`."""
    net = Net()
    start = net.input(8)
    x = start
    for block in range(blocks):
        y = x
        for _ in range(3):
            y = net("Dense", units=8, **(odd if block == blocks - 1 else {}))(y)
            y = net("Activation", activation="relu")(y)
        x = net("Add")([x, y])
    return net.model(start, net("Dense", units=1)(x))


# ---- what is in the picture


def test_every_call_is_a_box_with_its_kind_its_name_and_its_settings() -> None:
    graph = two_inputs()
    drawn = boxes(draw_graph(graph))
    assert sorted(drawn, key=int) == [str(n) for n in range(len(graph.calls))]
    assert words(drawn["0"]) == ["Input", "text"]
    assert {"Dense", "answer", "500 units, softmax"} == set(words(drawn["7"]))
    assert "10000 → 64" in words(drawn["2"])
    for number, box in drawn.items():
        hover = box.find(f"{SVG}title")
        assert hover is not None and graph.layers[graph.calls[int(number)].layer].name in hover.text


def test_shapes_stand_on_the_lines_once_for_each_tensor() -> None:
    net = Net()
    x = net.input(32, dtype="int32")
    heads = [net("Dense", units=n)(x) for n in (3, 4, 5)]
    shown = words(tree(draw_graph(net.model(x, heads))))
    assert shown.count("(None, 32) int32") == 1
    assert {"(None, 3)", "(None, 4)", "(None, 5)"} <= set(shown)
    assert {"output 1 of 3", "output 3 of 3"} <= set(shown)


def test_outputs_carry_the_keys_of_a_dict() -> None:
    net = Net()
    x = net.input(8)
    graph = net.model(x, {"age": net("Dense", units=1)(x), "income": net("Dense", units=9)(x)})
    outputs = boxes(draw_graph(graph), "output")
    assert [words(box) for box in outputs.values()] == [
        ["output 1 of 2", "age"],
        ["output 2 of 2", "income"],
    ]


def test_the_legend_names_the_families_that_occur_and_no_other() -> None:
    shown = words(tree(draw_graph(two_inputs())))
    assert {"input, output", "layer with weights", "recurrent layer", "merge"} <= set(shown)
    assert "activation" not in shown and "model used as a layer" not in shown


def test_a_shared_layer_has_one_letter_at_each_call_and_a_line_of_its_own() -> None:
    drawing = draw_graph(shared())
    drawn = boxes(drawing)
    calls = [box for box in drawn.values() if "reader" in words(box)]
    assert len(calls) == 2
    assert all("A" in words(box) for box in calls)
    assert [word for box in calls for word in words(box) if "shared" in word] == [
        "shared: call 1 of 2",
        "shared: call 2 of 2",
    ]
    row = next(word for word in words(tree(drawing)) if word.startswith("reader: one layer"))
    assert "called 2 times" in row
    dotted = [p for p in tree(drawing).iter(f"{SVG}path") if p.get("stroke-dasharray") == "2 4"]
    assert len(dotted) == 1


def test_layers_that_are_called_once_have_no_letter() -> None:
    assert "A" not in words(tree(draw_graph(two_inputs())))


def test_a_nested_model_is_a_frame_around_its_own_calls() -> None:
    drawing = draw_graph(siamese())
    assert {f"{call}.{inside}" for call in (2, 3) for inside in range(4)} <= set(boxes(drawing))
    shown = words(tree(drawing))
    assert shown.count("encoder") == 2 and shown.count("inside") == 2


def test_a_nested_model_can_be_closed_and_opened() -> None:
    closed = draw_graph(siamese(), nested="closed")
    assert not any("." in path for path in boxes(closed))
    assert "4 calls, 6 parameters" in words(tree(closed))
    large = siamese(30)
    assert not any("." in path for path in boxes(draw_graph(large)))
    assert any("." in path for path in boxes(draw_graph(large, nested="open")))
    with pytest.raises(ValueError, match="ajar"):
        draw_graph(large, nested="ajar")


def test_lines_into_a_frame_end_at_the_input_that_they_feed() -> None:
    net = Net()
    inner = net.inner()
    a, b = inner.input(4, name="a"), inner.input(4, name="b")
    # The body's calls are in another order than its inputs.
    join = inner("Concatenate", axis=-1)([inner("Dense", units=4)(b), a])
    pair = net.nested(inner, [b, a], join)
    x, y = net.input(4, name="x"), net.input(4, name="y")
    drawn = tree(draw_graph(net.model([x, y], pair([x, y]))))
    across = {}
    for group in drawn.iter(f"{SVG}g"):
        name = [word for word in words(group) if word in "abxy"]
        if name:
            rect = group.find(f"{SVG}rect")
            across[name[0]] = float(rect.get("x")) + float(rect.get("width")) / 2
    assert abs(across["x"] - across["b"]) < abs(across["x"] - across["a"])


def test_frozen_layers_say_so() -> None:
    net = Net()
    x = net.input(8)
    graph = net.model(x, net("Dense", units=3, frozen=True)(x))
    assert "3 units, frozen" in words(tree(draw_graph(graph)))


def test_loose_tensors_and_a_single_input_can_be_drawn() -> None:
    net = Net()
    x = net.input(8, name="x")
    alone = net.model(x, x)
    assert "x" in words(tree(draw_graph(alone)))
    tensor = ModelGraph("tensor", "Tensor", alone.layers, alone.body)
    assert "the calls behind a tensor" in words(tree(draw_graph(tensor)))


# ---- large models


def test_equal_blocks_in_a_row_are_drawn_once_with_their_number() -> None:
    drawing = draw_graph(residual(9))
    assert list(boxes(drawing, "run")) == ["1"]
    assert "9 times in a row" in words(tree(drawing))
    assert len(boxes(drawing)) < 20


def test_a_block_that_differs_is_not_folded_away() -> None:
    shown = words(tree(draw_graph(residual(9, activation="tanh"))))
    assert "8 times in a row" in shown


def test_blocks_that_share_a_layer_are_not_folded() -> None:
    net = Net()
    x = start = net.input(8)
    step = net("Dense", units=8)
    for _ in range(20):
        x = net("Add")([x, net("Activation", activation="relu")(step(x))])
    graph = net.model(start, x)
    assert not boxes(draw_graph(graph), "run")
    assert len(boxes(draw_graph(graph))) == len(graph.calls)


def test_a_block_read_from_elsewhere_is_not_folded() -> None:
    net = Net()
    x = start = net.input(8)
    ends = []
    for _ in range(12):
        y = x
        for _ in range(3):
            y = net("Dense", units=8)(y)
        x = net("Add")([x, y])
        ends.append(x)
    graph = net.model(start, net("Concatenate", axis=-1)(ends))
    assert not boxes(draw_graph(graph), "run")


def test_five_hundred_calls_fit_a_page() -> None:
    net = Net()
    x = start = net.input(8)
    for number in range(125):  # all different: nothing to fold
        y = net("Dense", units=8, name=f"dense_number_{number}")(x)
        y = net("BatchNormalization")(y)
        y = net("Activation", activation="relu", alpha=number)(y)
        x = net("Add")([x, y])
    drawing = draw_graph(net.model(start, x))
    assert len(boxes(drawing)) == 501
    assert len(drawing.svg) < 600_000
    assert float(tree(drawing).get("width")) < 1100


@pytest.mark.parametrize("graph", [two_inputs(), shared(), siamese(), residual(9), residual(3)])
def test_nothing_overlaps_and_nothing_leaves_the_page(graph: ModelGraph) -> None:
    drawing = draw_graph(graph)
    width, height = (float(tree(drawing).get(key)) for key in ("width", "height"))
    places = []
    for path, group in {**boxes(drawing), **boxes(drawing, "output")}.items():
        rect = group.find(f"{SVG}rect")
        x, y, w, h = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
        assert 0 <= x and x + w <= width and 0 <= y and y + h <= height
        places.append((path, x, y, w, h))
    for n, (path, x, y, w, h) in enumerate(places):
        for other, x1, y1, w1, h1 in places[:n]:
            inside = path.startswith(other + ".") or other.startswith(path + ".")
            apart = x + w <= x1 or x1 + w1 <= x or y + h <= y1 or y1 + h1 <= y
            assert inside or apart, (path, other)


@pytest.mark.parametrize(("name", "shown"), [("functional_3", "Functional"), ("qa", "qa")])
def test_a_name_that_nobody_chose_is_no_heading(name: str, shown: str) -> None:
    net = Net()
    x = net.input(8)
    graph = net.model(x, net("Dense", units=1)(x), name=name)
    assert words(tree(draw_graph(graph)))[0] == shown
    drawing = draw_difference(graph, graph, [])
    assert "functional_3" not in drawing.svg
    assert any(word.startswith(f"{shown} · ") for word in words(tree(drawing)))


@pytest.mark.parametrize(
    ("kind", "before", "after", "shown"),
    [
        ("ops.Multiply", [], [0.1], "0.1"),
        ("ops.Multiply", [0.1], [], "0.1"),
        ("ops.Subtract", [1], [], "1, …"),
        ("ops.Subtract", [], [1], "1"),
        ("ops.Add", [], [{"array": [4, 4], "digest": "0"}], "numbers of shape (4, 4)"),
        ("ops.GetItem", [], [[{"slice": [None, None, None]}, 0]], "[:, 0]"),
        ("ops.GetItem", [], [{"slice": [1, None, 2]}], "[1::2]"),
        ("ops.Abs", [], [], None),
    ],
)
def test_numbers_that_an_operation_is_called_with(kind, before, after, shown) -> None:
    net = Net()
    x = net.input(8)
    graph = net.model(x, net(kind)(x))
    (start, call) = graph.calls
    call = replace(call, args=(*before, *call.args, *after))
    graph = replace(graph, body=replace(graph.body, calls=(start, call)))
    box = words(boxes(draw_graph(graph))["1"])
    assert set(box) - {kind.removeprefix("ops."), graph.layers[call.layer].name} == (
        {shown} if shown else set()
    )


def test_a_line_into_an_open_model_leaves_its_title_free() -> None:
    drawing = draw_graph(siamese())
    frame = boxes(drawing)["2"].find(f"{SVG}rect")
    left, top, width = (float(frame.get(key)) for key in ("x", "y", "width"))
    titles = [
        item
        for item in tree(drawing).iter(f"{SVG}text")
        if left < float(item.get("x")) < left + width and 0 < float(item.get("y")) - top < 40
    ]
    assert {"encoder", "shared: call 1 of 2"} <= {item.text for item in titles}
    lowest = max(float(item.get("y")) for item in titles if item.text.startswith("shared"))
    starts = [
        tuple(map(float, found))
        for item in tree(drawing).iter(f"{SVG}path")
        for found in re.findall(r"^M([\d.]+) ([\d.]+)V", item.get("d"))
    ]
    inside = [y for x, y in starts if left < x < left + width and top <= y < top + 60]
    assert inside and min(inside) > lowest


# ---- differences


def changed(graph: ModelGraph, change: object) -> ModelGraph:
    data = to_json(graph)
    change(data)
    return from_json(data)


def test_parting_places_are_marked_in_colour_in_words_and_with_a_number() -> None:
    def linear(data: dict) -> None:
        data["layers"][-1]["settings"]["activation"] = "linear"

    target = two_inputs()
    found = changed(target, linear)
    drawing = draw_difference(target, found, compare(target, found))
    marked = [
        group
        for group in tree(drawing).iter(f"{SVG}g")
        if group.find(f"{SVG}rect").get("stroke-dasharray")
    ]
    said = [" ".join(words(group)[-3:]) for group in marked]
    assert len(said) == 2
    assert said[0].endswith("1 activation = softmax")
    assert said[1].endswith("1 activation = linear, expected softmax")
    assert all(group.find(f"{SVG}rect").get("stroke") == "#b3261e" for group in marked)
    assert {"Expected", "Found"} <= set(words(tree(drawing)))
    assert "[1] activation = softmax" in drawing.text


def test_a_wire_from_elsewhere_is_marked_itself() -> None:
    def cross(data: dict) -> None:
        data["body"]["calls"][4]["args"] = data["body"]["calls"][2]["args"]

    target = two_inputs()
    found = changed(target, cross)
    drawing = draw_difference(target, found, compare(target, found))
    red = [p for p in tree(drawing).iter(f"{SVG}path") if p.get("stroke-dasharray") == "6 3"]
    assert len(red) == 2
    assert "reads text, expected question" in " ".join(words(tree(drawing)))


def test_what_is_told_beside_the_picture_gives_the_numbers_and_captions() -> None:
    target = two_inputs()
    difference = Difference("missing", (Place((7,), "answer", "Dense"),), ())
    drawing = draw_difference(
        target, target, [difference], labels=("Asked for", "Yours"), numbers=[4]
    )
    assert {"Asked for", "Yours", "4"} <= set(words(tree(drawing)))
    assert "[4] missing" in drawing.text


def test_each_wrong_name_stands_at_its_own_place() -> None:
    def rename(data: dict) -> None:
        for layer in data["layers"]:
            if layer["kind"] == "InputLayer":
                layer["name"] += "s"

    target = two_inputs()
    found = changed(target, rename)
    drawing = draw_difference(target, found, compare(target, found, names=True))
    assert "[1] name texts, expected text\n" in drawing.text
    assert "[1] name questions, expected question\n" in drawing.text
    assert "places where they part: 1" in drawing.svg


def test_a_nested_model_opens_where_it_parts() -> None:
    graph = siamese(30)
    outer = next(n for n, call in enumerate(graph.calls) if graph.layers[call.layer].body)
    difference = Difference("setting", (Place((outer, 5), "dense", "Dense"),), (), {})
    assert f"{outer}.5" in draw_difference(graph, graph, [difference]).svg


def test_a_nested_model_that_parts_as_a_whole_is_marked_as_a_whole() -> None:
    graph = siamese(30)
    outer = next(n for n, call in enumerate(graph.calls) if graph.layers[call.layer].body)
    inside = tuple(Place((outer, n), "dense", "Dense") for n in range(1, 31))
    drawing = draw_difference(graph, graph, [Difference("not_shared", inside, ())])
    assert f'data-call="{outer}.5"' not in drawing.svg
    assert drawing.text.count("one shared layer") == 1


def test_blocks_that_hold_a_parting_place_stay_unfolded() -> None:
    graph = residual(9)
    difference = Difference("extra", (), (Place((30,), "dense", "Dense"),))
    drawing = draw_difference(graph, graph, [difference])
    assert 'data-call="30"' in drawing.svg


def test_differences_of_every_kind_and_with_odd_details_can_be_drawn() -> None:
    from beyond_sequential.compare import DIFFERENCE_KINDS

    graph = two_inputs()
    place_of_embedding = (Place((2,), "embedding", "Embedding"), Place((99, 1), "gone", "Dense"))
    differences = [
        Difference(kind, place_of_embedding, place_of_embedding, detail)
        for kind in (*DIFFERENCE_KINDS, "a kind of next year")
        for detail in ({}, {"expected": None, "found": [1, 2], "argument": "0"})
    ]
    drawing = draw_difference(graph, graph, differences)
    assert tree(drawing) is not None


# ---- the file, the notebook, the reader


def test_the_same_graph_gives_the_same_bytes_in_every_process() -> None:
    code = (
        "from tests.beyond_sequential.draw.test_draw import draw_graph, residual, siamese\n"
        "from hashlib import sha256\n"
        "svg = draw_graph(siamese()).svg + draw_graph(residual(9)).svg\n"
        "print(sha256(svg.encode()).hexdigest())"
    )
    root = Path(__file__).parent.parent.parent.parent
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_pictures_do_not_touch_one_another_on_a_page() -> None:
    svg = draw_graph(siamese()).svg + draw_graph(residual(9)).svg
    assert not re.search(r"\b(id|class)=|<style|<script|url\(", svg)


def test_a_picture_has_a_name_and_a_description() -> None:
    root = tree(draw_graph(two_inputs()))
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text.startswith("qa (Functional, 8 calls")
    description = root.find(f"{SVG}desc").text
    assert "answer: Dense(500 units, softmax) ← concatenate" in description


def test_names_are_text_and_nothing_else() -> None:
    net = Net()
    x = net.input(8, name="</text><script>alert(1)</script>")
    y = net("Dense", units=1, name="a & b \x00\x0b \ud800 \"'", activation="<b>")(x)
    drawing = draw_graph(net.model(x, {"]]><script>": y}, name="<svg onload=x>"))
    assert "<script" not in drawing.svg and "onload=x>" not in drawing.svg.replace("&gt;", "")
    assert tree(drawing) is not None


def test_long_and_wide_names_stay_in_their_boxes() -> None:
    net = Net()
    x = net.input(8, name="很长的名字" * 12)
    graph = net.model(x, net("Dense", units=1, name="a_name_" * 20)(x))
    root = tree(draw_graph(graph))
    assert float(root.get("width")) < 500
    assert any(word.startswith("很长") and "…" in word for word in words(root))


def test_save_writes_the_svg(tmp_path: Path) -> None:
    drawing = draw_graph(two_inputs())
    path = drawing.save(tmp_path / "model.svg")
    assert ET.parse(path).getroot().tag == f"{SVG}svg"
    with pytest.raises(ValueError, match=r"\.svg, not 'model.png'"):
        drawing.save(tmp_path / "model.png")


def test_a_page_gets_each_graph_of_a_difference_by_itself() -> None:
    drawing = draw_difference(two_inputs(), two_inputs(), [])
    expected, given = drawing.sheets
    assert "Expected" in expected and "Found" not in expected
    assert "Found" in given and "dashed, with a number" in given
    assert expected in drawing.html and given in drawing.html and drawing.svg not in drawing.html


def test_a_notebook_gets_html_svg_and_words() -> None:
    drawing = draw_graph(two_inputs())
    assert drawing.svg in drawing._repr_html_() and drawing._repr_svg_() == drawing.svg
    assert repr(drawing) == str(drawing) == drawing.text
    long = draw_graph(residual(9, activation="tanh"))
    assert len(repr(long).splitlines()) < len(str(long).splitlines())


def test_the_picture_speaks_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    # By the catalogue, whatever it holds by now: only its use is asked for here.
    monkeypatch.setattr(i18n, "_catalogue", lambda code: Shouting())
    assert {"OUTPUT", "INPUT, OUTPUT", "500 UNITS, softmax"} <= set(
        words(tree(draw_graph(two_inputs())))
    )


class Shouting:
    def gettext(self, message: str) -> str:
        return "".join(
            part if part.startswith("{") else part.upper()
            for part in re.split(r"(\{[^}]*\})", message)
        )


def test_text_is_readable_on_its_ground() -> None:
    """Contrast of 4.5 at least, as WCAG AA asks."""
    from beyond_sequential.draw import elements

    grounds = [
        elements.PAPER,
        elements.PALE_RED,
        *(fill for fill, _stroke in elements.COLOURS.values()),
    ]
    inks = [elements.INK, elements.FAINT, elements.RED, *elements.SHARED]
    low = [(a, b) for a in inks for b in grounds if contrast(a, b) < 4.5]
    assert not low
    lines = [elements.LINE, *(stroke for _fill, stroke in elements.COLOURS.values())]
    assert min(contrast(line, elements.PAPER) for line in lines) >= 3


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
