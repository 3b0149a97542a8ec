"""A mill for the judge: random models, each in many spellings and with every kind of mistake.

What is right here is decided without the comparison that is put to the test: models are run, on
random numbers, by a small interpreter of the mill's own.

    kinds      what the mill knows of each kind of layer: settings, shapes, weights, numbers
    recipe     a model as layers, blocks and steps, and the sizes in it
    grow       random recipes
    read       a captured graph as a recipe
    spell      from a recipe to what Keras would capture, in one of very many spellings
    mutate     what learners get wrong
    reference  from a graph and weights to outputs
    oracle     whether two graphs are the same model
    grind      a recipe through the mill: what was rejected, accepted and said
    shrink     a small case of a failure
    live       the same as Keras models: does capture see what the mill writes down?
    exercises  the exercises of the course through the mill
    compiled   what they ask of compile, respelled and mutated
    fed        the arrays that they ask for
    handed     closed answers, weights carried over, models trained
"""
