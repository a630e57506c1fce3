"""ImageNet's mean and standard deviation, from a tutorial, instead of those of the weights.

Fails: 08.train_classifier.accuracy
"""

from torchvision.transforms import functional as TF


def _features(self, images):
    batch = TF.resize(images[:, None].expand(-1, 3, -1, -1) / 255, [64, 64])
    return self.body(TF.normalize(batch, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))


Classifier.features = _features
