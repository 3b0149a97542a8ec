"""Learning curves, one panel for each metric."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from io import StringIO
from math import ceil
from typing import TYPE_CHECKING, Any

from ..i18n import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The one font that comes with matplotlib.  It lacks Chinese, and so do the machines that run
# notebooks: everything written here is ASCII, so that no glyph can be missing.  In another language
# the finished SVG gets other words, for the browser's fonts to show.
FONT = "DejaVu Sans"
# Lines differ in colour, in their dashes and in their markers.
LOOKS: dict[str, dict[str, Any]] = {
    "training": {"color": "#1f5fa8", "linestyle": "-", "marker": "o"},
    "validation": {"color": "#b35900", "linestyle": "--", "marker": "s"},
}
ACROSS = 3  # panels in a row


def plot_history(history: Any) -> Figure:
    """Draw what `fit` returned: a panel for each metric, training and validation together.

    Takes a History, its `history` dict, or a list of dicts: one for each epoch, or one for each of
    several calls of `fit`, which are put end to end.  Returns a matplotlib Figure that pyplot knows
    nothing of, so that a notebook shows it once.
    """
    curves = _curves(getattr(history, "history", history))
    panels: dict[str, dict[str, list[float]]] = {}
    for name, values in curves.items():
        metric = name.removeprefix("val_")
        panels.setdefault(metric, {})["training" if name == metric else "validation"] = values
    if not panels:
        raise ValueError("a history without a single epoch: nothing to plot")
    import matplotlib

    across = min(ACROSS, len(panels))
    down = ceil(len(panels) / across)
    with matplotlib.rc_context({"font.family": [FONT], "text.usetex": False}):
        figure: Figure = _figure_class()(figsize=(3.6 * across, 2.7 * down), layout="constrained")
        figure.set_facecolor("white")
        for number, (metric, lines) in enumerate(panels.items(), 1):
            _panel(figure.add_subplot(down, across, number), _plain(metric, number), lines)
    return figure


def _curves(history: Any) -> dict[str, list[float]]:
    parts = [history] if isinstance(history, Mapping) else history
    if not isinstance(parts, Iterable) or isinstance(parts, str):
        raise TypeError(f"a History, a dict or a list of dicts, not {type(history).__name__}")
    curves: dict[str, list[float]] = {}
    for part in parts:
        if not isinstance(part, Mapping):
            raise TypeError(f"a list of dicts, not one that holds {type(part).__name__}")
        for name, values in part.items():
            several = values if isinstance(values, Iterable) else [values]
            curves.setdefault(str(name), []).extend(float(value) for value in several)
    return {name: values for name, values in curves.items() if values}


def _words() -> dict[str, str]:
    """Return what is written beside the metrics' names, in the reader's language."""
    return {"training": _("training"), "validation": _("validation"), "epoch": _("epoch")}


def _in_words(svg: str, words: Mapping[str, str]) -> str:
    """Return an SVG with other words in its texts; where letters are shapes there is no text."""
    texts = re.compile(f">({'|'.join(words)})</text>")
    return texts.sub(lambda match: f">{words[match[1]]}</text>", svg)


def _plain(name: str, number: int) -> str:
    """Return a metric's name in printable ASCII; its number where nothing of it is left."""
    shown = "".join(char if " " <= char <= "~" else "?" for char in name)
    return shown if any(char.isalnum() for char in shown) else f"metric {number}"


def _panel(axes: Axes, metric: str, lines: Mapping[str, list[float]]) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    for label in LOOKS:
        if label in lines:
            epochs = range(1, len(lines[label]) + 1)
            axes.plot(epochs, lines[label], label=label, markersize=4, **LOOKS[label])
    axes.set_title(metric, fontsize=11, parse_math=False)
    axes.set_xlabel("epoch", fontsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    # Ticks are made when the figure is drawn, with the settings of that time: name the font.
    axes.tick_params(labelsize=8, labelfontfamily=FONT)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e1e4e8", linewidth=0.8)
    axes.legend(fontsize=8, frameon=False)


@cache
def _figure_class() -> type[Figure]:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    class HistoryFigure(Figure):
        """Shows itself as SVG, whether or not pyplot was ever imported."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            FigureCanvasAgg(self)

        def _repr_svg_(self) -> str:
            out = StringIO()
            # The same picture gives the same text; English letters are shapes, in need of no font.
            words = _words()
            letters = "path" if all(word == ours for ours, word in words.items()) else "none"
            with rc_context({"svg.hashsalt": "history", "svg.fonttype": letters}):
                self.savefig(out, format="svg", metadata={"Date": None})
            return _in_words(out.getvalue(), words)

    return HistoryFigure
