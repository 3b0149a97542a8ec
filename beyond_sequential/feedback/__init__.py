"""A verdict in the reader's words: sentences, plain text and HTML."""
