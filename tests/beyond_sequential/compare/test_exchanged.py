"""Two branches of unlike sizes: are the sizes exchanged, or what they read?"""

from __future__ import annotations

import pytest

from beyond_sequential.compare import compare
from beyond_sequential.model.graph import ModelGraph
from tests.helpers.graphs import Net


def answering(sizes: tuple[int, int] = (32, 16), turned: bool = False) -> ModelGraph:
    net = Net()
    text, question = net.input(100, name="text"), net.input(100, name="question")
    rows = [net("Embedding", input_dim=10000, output_dim=64)(text)]
    rows.append(net("Embedding", input_dim=10000, output_dim=32)(question))
    read = [net("LSTM", units=size)(row) for size, row in zip(sizes, rows, strict=True)]
    return net.model([text, question], net("Concatenate", axis=-1)(read[::-1] if turned else read))


def test_two_sizes_are_exchanged() -> None:
    (difference,) = compare(answering(), answering((16, 32)))
    assert (difference.kind, difference.detail["setting"]) == ("setting", "units")
    assert difference.detail["swapped"] is True
    assert difference.detail["expected"] == [32, 16]


def test_two_layers_read_each_others_tensor() -> None:
    """The joined branches stand in the other order, so that the sizes stand as they should."""
    (difference,) = compare(answering(), answering((16, 32), turned=True))
    assert (difference.kind, difference.detail["swapped"]) == ("wiring", True)


@pytest.mark.parametrize("sizes", [(32, 16)])
def test_the_order_alone_is_nothing(sizes: tuple[int, int]) -> None:
    assert compare(answering(sizes), answering(sizes, turned=True)) == []
