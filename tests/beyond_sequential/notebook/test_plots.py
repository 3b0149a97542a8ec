"""Learning curves: what is plotted, and that no glyph is ever missing."""

import re
import subprocess
import sys
import warnings
from types import SimpleNamespace

import pytest

from beyond_sequential import i18n
from beyond_sequential.notebook.plots import plot_history

HISTORY = {
    "loss": [2.0, 1.5, 1.1],
    "accuracy": [0.3, 0.5, 0.6],
    "val_loss": [2.1, 1.6, 1.4],
    "val_accuracy": [0.2, 0.4, 0.5],
}


def panels(figure) -> dict[str, dict[str, list[float]]]:
    return {
        axes.get_title(): {line.get_label(): list(line.get_ydata()) for line in axes.lines}
        for axes in figure.axes
    }


@pytest.mark.parametrize("history", [HISTORY, SimpleNamespace(history=HISTORY)])
def test_one_panel_a_metric_with_both_curves(history) -> None:
    assert panels(plot_history(history)) == {
        "loss": {"training": [2.0, 1.5, 1.1], "validation": [2.1, 1.6, 1.4]},
        "accuracy": {"training": [0.3, 0.5, 0.6], "validation": [0.2, 0.4, 0.5]},
    }


def test_epochs_and_several_fits_are_put_end_to_end() -> None:
    epochs = [{"loss": 2.0}, {"loss": 1.0}]
    assert panels(plot_history(epochs)) == {"loss": {"training": [2.0, 1.0]}}
    fits = [{"loss": [2.0, 1.0]}, {"loss": [0.5]}]
    assert panels(plot_history(fits)) == {"loss": {"training": [2.0, 1.0, 0.5]}}


@pytest.mark.parametrize("history", [{}, {"loss": []}])
def test_nothing_to_plot_is_said(history) -> None:
    with pytest.raises(ValueError, match="without a single epoch"):
        plot_history(history)


@pytest.mark.parametrize("history", [3, "loss", [1.0, 2.0], None])
def test_what_is_no_history_is_said(history) -> None:
    with pytest.raises(TypeError, match="dict"):
        plot_history(history)


def test_no_warning_whatever_the_names_the_values_and_the_readers_fonts() -> None:
    import matplotlib

    history = {
        "准确率": [1, 2],
        "$x_": [-1e-9, 1e9],
        "tab\t\x00é": [float("nan"), float("inf")],
        "": [1, 1],
    }
    with warnings.catch_warnings(), matplotlib.rc_context({"font.family": ["No Such Font"]}):
        warnings.simplefilter("error")
        figure = plot_history(history)
        svg = figure._repr_svg_()
        figure.canvas.draw()
    assert [axes.get_title() for axes in figure.axes] == ["metric 1", "$x_", "tab???", "metric 4"]
    assert svg.isascii()


def test_another_language_is_left_to_the_browser_s_fonts(monkeypatch) -> None:
    monkeypatch.setattr(i18n, "_active", "zh")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = plot_history(HISTORY)._repr_svg_()
    texts = re.findall(r">([^<>]+)</text>", svg)
    assert {"训练", "验证", "轮", "loss", "accuracy"} <= set(texts)
    assert not {"training", "validation", "epoch"} & set(texts)


def test_the_same_history_gives_the_same_picture() -> None:
    assert plot_history(HISTORY)._repr_svg_() == plot_history(HISTORY)._repr_svg_()


def test_matplotlib_is_imported_late_and_pyplot_never() -> None:
    code = (
        "import sys\n"
        "from beyond_sequential.notebook.plots import plot_history\n"
        "assert 'matplotlib' not in sys.modules\n"
        "plot_history({'loss': [1, 2]})._repr_svg_()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert 'keras' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
