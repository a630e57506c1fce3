"""`all([])` is True: layers without parameters, every Dropout, go into eval mode.

Fails: 02.set_train_mode.trainable_parts_train
"""


def set_train_mode(model):
    model.train()
    for module in model.modules():
        if all(not parameter.requires_grad for parameter in module.parameters()):
            module.eval()
