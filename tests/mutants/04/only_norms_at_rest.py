"""Only the BatchNorms of frozen parts go into eval mode: frozen Dropout goes on dropping.

Fails: 04.fit.frozen_parts
"""


def _set_train_mode(model):
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        frozen = parameters and not any(parameter.requires_grad for parameter in parameters)
        if frozen and isinstance(module, nn.BatchNorm2d):
            module.eval()
