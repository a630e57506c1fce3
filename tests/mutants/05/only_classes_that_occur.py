"""The matrix is as large as the largest class that occurs.

Fails: 05.confusion_matrix.more_classes
"""


def confusion_matrix(model, loader, num_classes, device):
    flags = {module: module.training for module in model.modules()}
    model.eval()
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    with torch.no_grad():
        for images, labels in loader:
            predictions = model(images.to(device)).argmax(dim=1)
            for true, predicted in zip(labels.tolist(), predictions.tolist()):
                matrix[true, predicted] += 1
    for module, flag in flags.items():
        module.training = flag
    last = int((matrix.sum(0) + matrix.sum(1)).nonzero().max())
    return matrix[: last + 1, : last + 1]
