"""Puts frozen BatchNorms into eval mode and forgets that Dropout drops.

Fails: 02.set_train_mode.dropout_and_statistics
"""


def set_train_mode(model):
    model.train()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d) and not module.weight.requires_grad:
            if not module.bias.requires_grad:
                module.eval()
