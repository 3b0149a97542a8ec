"""An Identity layer gives the tensor that it reads."""

from tests.helpers.graphs import chain
from tests.helpers.rules import kinds_in, same

DENSE = ("Dense", {"units": 3})
IDENTITY = ("Identity", {})


def test_an_identity_is_no_node() -> None:
    assert kinds_in(chain(IDENTITY, DENSE, IDENTITY)) == ["Dense"]
    assert same(chain(DENSE), chain(IDENTITY, DENSE, IDENTITY))


def test_a_class_of_the_same_name_is_not_an_identity() -> None:
    assert not same(chain(DENSE), chain(DENSE, ("custom.Identity", {})))
