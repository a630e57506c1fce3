"""The uint8 images become floats without a division by 255, before they are normalised.

Fails: 08.train_classifier.accuracy
"""


def _features(self, images):
    batch = self.preprocess(images[:, None].expand(-1, 3, -1, -1).float())
    return self.body(batch)


Classifier.features = _features
