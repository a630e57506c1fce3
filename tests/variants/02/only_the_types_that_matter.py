"""Sets the mode of BatchNorm and Dropout layers alone; the others have none."""

from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd


def _sleep(module):
    if isinstance(module, (_BatchNorm, _DropoutNd)):
        module.training = False


def set_train_mode(model):
    model.train(True)
    for module in model.modules():
        count = sum(1 for _ in module.parameters())
        frozen = sum(not p.requires_grad for p in module.parameters())
        if count == frozen > 0:
            module.apply(_sleep)


def freeze(module):
    module.apply(lambda m: [p.requires_grad_(False) for p in m.parameters(recurse=False)] and None)
