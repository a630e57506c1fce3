"""`model.train()` at the end, whatever the mode was.

Fails: 05.confusion_matrix.flags
"""


def confusion_matrix(model, loader, num_classes, device):
    model.eval()
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    with torch.no_grad():
        for images, labels in loader:
            predictions = model(images.to(device)).argmax(dim=1)
            for true, predicted in zip(labels.tolist(), predictions.tolist()):
                matrix[true, predicted] += 1
    model.train()
    return matrix
