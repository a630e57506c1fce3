"""The recipe of most tutorials, whatever the weights are.

Fails: 01.preprocessing.entries
"""

from torchvision import transforms as T


def preprocessing(name, weights="DEFAULT"):
    if weights is None:
        raise ValueError("random weights have no preprocessing")
    return T.Compose(
        [
            T.Resize(256),
            T.CenterCrop(224),
            T.ToTensor(),
            T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
