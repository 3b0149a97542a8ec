"""From text notebooks to all that is built of them."""
