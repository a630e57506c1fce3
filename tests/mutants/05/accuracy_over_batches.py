"""Right answers are divided by the number of batches.

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
    return total / count, correct / max(1, len(loader))
