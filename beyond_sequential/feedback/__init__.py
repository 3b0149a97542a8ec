"""A verdict in words, as text and as HTML."""
