"""Takes the last nn.Linear, even when the model ends in something else.

Fails: 03.find_head.no_linear_at_the_end_hidden
"""


def find_head(model):
    names = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    if not names:
        raise ValueError("no linear layer")
    return names[-1]
