"""The last layer is always called `classifier[1]`, as in EfficientNet.

Fails: 08.train_classifier.other_backbone
"""

_of_any_model = Classifier


class Classifier(_of_any_model):
    def __init__(self, backbone, preprocess):
        super().__init__(backbone, preprocess)
        self.width = backbone.classifier[1].in_features
