"""The images are normalised for training, and only divided by 255 for prediction.

Fails: 08.train_classifier.accuracy
"""

from torchvision.transforms import functional as TF


def _forward(self, images):
    batch = TF.resize(images[:, None].expand(-1, 3, -1, -1) / 255, [64, 64])
    return self.head(self.body(batch))


Classifier.forward = _forward
