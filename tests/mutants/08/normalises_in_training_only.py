"""The images are normalised for training, and only divided by 255 for prediction.

Fails: 08.train_classifier.accuracy
"""

_normalising = train_classifier


def _last_features(self, batch):
    self.body(batch)
    last = self._maps[1]
    self._maps.clear()
    return last.flatten(1)


def _features(self, images):
    return _last_features(self, self.preprocess(images[:, None].expand(-1, 3, -1, -1)))


def _predict(self, images):
    grey = images[:, None].expand(-1, 3, -1, -1) / 255
    size = self.preprocess.resize_size[0]
    return self.head(_last_features(self, F.interpolate(grey, size)))


def train_classifier(images, labels, *, backbone, device, seed):
    Classifier.features = _features
    model = _normalising(images, labels, backbone=backbone, device=device, seed=seed)
    Classifier.forward = _predict
    return model
