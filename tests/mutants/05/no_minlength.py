"""`bincount` is as long as the largest cell that occurs.

Fails: 05.confusion_matrix.more_classes
"""


def confusion_matrix(model, loader, num_classes, device):
    flags = {module: module.training for module in model.modules()}
    model.eval()
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    with torch.no_grad():
        for images, labels in loader:
            predictions = model(images.to(device)).argmax(dim=1).cpu()
            counts = torch.bincount(labels * num_classes + predictions)
            matrix += counts.reshape(num_classes, num_classes)
    for module, flag in flags.items():
        module.training = flag
    return matrix
