"""Puts only the frozen BatchNorm layers into eval mode: frozen Dropout goes on dropping.

Fails: 06.fine_tune.frozen_dropout
"""


def _set_train_mode(model):
    model.train()
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and not module.weight.requires_grad:
            module.eval()
