"""The images are divided by 255 for training, and not for prediction.

Fails: 08.train_classifier.accuracy
"""

_scaling = train_classifier


def train_classifier(images, labels, *, backbone, device, seed):
    model = _scaling(images, labels, backbone=backbone, device=device, seed=seed)
    model.preprocess.register_forward_pre_hook(lambda module, inputs: inputs[0].float())
    return model
