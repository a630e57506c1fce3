"""Switches the statistics of a frozen BatchNorm off, so that it normalises by the batch.

Fails: 04.fit.frozen_parts
"""


def _set_train_mode(model):
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            for part in module.modules():
                if isinstance(part, nn.modules.batchnorm._BatchNorm):
                    part.track_running_stats = False
                else:
                    part.training = False
