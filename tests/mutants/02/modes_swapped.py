"""Puts the trainable parts into evaluation mode and lets the frozen ones train.

Fails: 02.set_train_mode.dropout_and_statistics
"""


def set_train_mode(model):
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and all(parameter.requires_grad for parameter in parameters):
            module.eval()
