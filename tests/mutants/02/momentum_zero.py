"""A momentum of 0 keeps the statistics, and the batch's own are used all the same.

Fails: 02.set_train_mode.dropout_and_statistics
"""


def set_train_mode(model):
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            for part in module.modules():
                if isinstance(part, nn.BatchNorm2d):
                    part.momentum = 0.0
                elif isinstance(part, nn.Dropout):
                    part.eval()
