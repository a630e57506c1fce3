"""Takes the last of a list that is empty for a model without parameters.

Fails: 03.find_head.no_linear_at_the_end_hidden
"""


def find_head(model):
    pairs = [(n, m) for n, m in model.named_modules() if list(m.parameters(recurse=False))]
    name, module = pairs[-1]
    if not isinstance(module, nn.Linear):
        raise ValueError("the model does not end in an nn.Linear")
    return name
