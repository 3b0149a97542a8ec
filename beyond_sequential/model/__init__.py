"""A Keras model as plain data: `ModelGraph`, and how it is read off live objects."""
