"""Sorts the logits and takes the first: that is the smallest.

Fails: 05.confusion_matrix.counts
"""


def confusion_matrix(model, loader, num_classes, device):
    flags = {module: module.training for module in model.modules()}
    model.eval()
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    with torch.no_grad():
        for images, labels in loader:
            predictions = model(images.to(device)).argsort(dim=1)[:, 0]
            for true, predicted in zip(labels.tolist(), predictions.tolist()):
                matrix[true, predicted] += 1
    for module, flag in flags.items():
        module.training = flag
    return matrix
