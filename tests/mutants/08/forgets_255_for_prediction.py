"""The images are divided by 255 for training, and not for prediction.

Fails: 08.train_classifier.accuracy
"""

_scaling = train_classifier


def _last_features(self, images):
    self.body(self.preprocess(images[:, None].expand(-1, 3, -1, -1)))
    last = self._maps[1]
    self._maps.clear()
    return last.flatten(1)


def train_classifier(images, labels, *, backbone, device, seed):
    Classifier.features = _last_features
    model = _scaling(images, labels, backbone=backbone, device=device, seed=seed)
    model.preprocess.register_forward_pre_hook(lambda module, inputs: inputs[0].float())
    return model
