"""The backbone is built without its weights.

Fails: 08.train_classifier.accuracy
"""


def train_classifier(images, labels, *, backbone, device, seed):
    torch.manual_seed(seed)
    transforms = get_model_weights(backbone).DEFAULT.transforms()
    model = Classifier(get_model(backbone), transforms).to(device)
    fit_head(model, images.to(device), labels.to(device))
    return model.eval()
