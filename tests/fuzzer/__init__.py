"""A fuzzer for the judge: random models, each in many spellings and with every kind of mistake.

Whether two models are equal is decided without the comparison that is tested: models are run on
random numbers by a small interpreter of the fuzzer.

    kinds          each kind of layer: settings, shapes, weights, numbers
    recipe         a model as layers, blocks and steps, and the sizes in it
    generate       random recipes
    read           from a captured graph to a recipe
    graph_writer   writing the graph that Keras would capture
    respell        from a recipe to a graph in one of very many spellings
    nested_models  parts of a recipe as nested models
    mutations      what learners get wrong
    reference      from a graph and weights to outputs
    oracle         whether two graphs are the same model
    run            the trials of a recipe: what was rejected, accepted and found
    shrink         a small case of a failure
    keras_models   the same trials with Keras models: does capture see what the fuzzer writes?
    exercises      the exercises of the course, respelled and mutated
    compiled       what they ask of compile, respelled and mutated
    arrays         the arrays that they ask for
    other_parts    closed answers, copied weights, trained models
    known_faults   cases that the judge decides wrongly today

Tests: tests/fuzzer/test_fuzzer.py and tests/fuzzer/test_known_faults.py
"""
