"""The first weights entry of the model, instead of the DEFAULT one.

Fails: 08.train_classifier.default_weights
"""


def train_classifier(images, labels, *, backbone, device, seed):
    weights = next(iter(get_model_weights(backbone)))
    model = Classifier(get_model(backbone, weights=weights), weights.transforms()).to(device)
    fit_head(model, images.to(device), labels.to(device))
    return model.eval()
