"""Labels on the CPU are combined with predictions on the device.

Fails: 05.confusion_matrix.device
"""


def confusion_matrix(model, loader, num_classes, device):
    flags = {module: module.training for module in model.modules()}
    model.eval()
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    with torch.no_grad():
        for images, labels in loader:
            predictions = model(images.to(device)).argmax(dim=1)
            cells = labels * num_classes + predictions
            counts = torch.bincount(cells.cpu(), minlength=num_classes**2)
            matrix += counts.reshape(num_classes, num_classes)
    for module, flag in flags.items():
        module.training = flag
    return matrix
