"""`apply` visits children before their parent, whose `train()` wakes them again.

Fails: 02.set_train_mode.partly_frozen
"""


def set_train_mode(model):
    def settle(module):
        parameters = list(module.parameters())
        if parameters:
            module.train(any(parameter.requires_grad for parameter in parameters))

    model.apply(settle)
