"""The numbers are rounded to two decimals, for reading.

Fails: 05.evaluate.values
"""


def evaluate(model, loader, device):
    flags = {module: module.training for module in model.modules()}
    model.eval()
    total, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            logits = model(images)
            total += nn.functional.cross_entropy(logits, labels).item() * len(labels)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    for module, flag in flags.items():
        module.training = flag
    if count == 0:
        raise ValueError("empty")
    return round(total / count, 2), round(correct / count, 2)
