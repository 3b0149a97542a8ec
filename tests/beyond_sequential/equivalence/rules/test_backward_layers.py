"""The backward layer of a Bidirectional need not be given."""

from tests.helpers.graphs import chain
from tests.helpers.rules import same


def recurrent(units: int, backwards: bool = False) -> dict:
    return {"class_name": "LSTM", "config": {"units": units, "go_backwards": backwards}}


def both(**settings: object) -> tuple[str, dict]:
    return "Bidirectional", {"layer": recurrent(3), "merge_mode": "concat", **settings}


def test_the_default_backward_layer_need_not_be_given() -> None:
    assert same(chain(both()), chain(both(backward_layer=recurrent(3, True))))


def test_another_backward_layer_counts() -> None:
    assert not same(chain(both()), chain(both(backward_layer=recurrent(4, True))))
    assert not same(chain(both()), chain(both(backward_layer=recurrent(3))))


def test_the_backward_layer_inside_another_wrapper_need_not_be_given() -> None:
    def wrapped(**settings: object) -> tuple[str, dict]:
        kind, config = both(**settings)
        return "TimeDistributed", {"layer": {"class_name": kind, "config": config}}

    assert same(chain(wrapped()), chain(wrapped(backward_layer=recurrent(3, True))))
