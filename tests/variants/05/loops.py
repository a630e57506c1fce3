"""Plain loops, one image at a time, flags kept by name, a mosaic filled column by column."""

import matplotlib.pyplot as plt


def evaluate(model, loader, device):
    before = {}
    for name, module in model.named_modules():
        before[name] = module.training
        module.training = False
    loss = nn.CrossEntropyLoss(reduction="none")
    losses, hits = [], []
    for images, labels in loader:
        for image, label in zip(images, labels):
            with torch.no_grad():
                logits = model(image[None].to(device))
            losses.append(float(loss(logits, label[None].to(device))))
            hits.append(logits.argmax().item() == label.item())
    for name, module in model.named_modules():
        module.training = before[name]
    if len(losses) == 0:
        raise ValueError("there is nothing to measure")
    return sum(losses) / len(losses), sum(hits) / len(hits)


def confusion_matrix(model, loader, num_classes, device):
    before = {name: module.training for name, module in model.named_modules()}
    model.eval()
    rows = [[0] * num_classes for _ in range(num_classes)]
    for images, labels in loader:
        predictions = model(images.to(device)).detach().max(1)[1]
        for label, prediction in zip(labels.to(device), predictions):
            rows[label.item()][int(prediction)] += 1
    for name, module in model.named_modules():
        module.training = before[name]
    return torch.tensor(rows, dtype=torch.long)


def plot_predictions(images, labels, predictions, class_names):
    figure = plt.figure(figsize=(8, 4))
    grid = figure.subplots(2, (len(images) + 1) // 2, squeeze=False)
    for number, axes in enumerate(grid.T.flat):
        axes.set_axis_off()
        if number >= len(images):
            continue
        guess, truth = class_names[predictions[number]], class_names[labels[number]]
        axes.imshow(images[number].mean(dim=0), cmap="gray_r")
        if guess == truth:
            axes.set_title(guess, {"color": "darkgreen"})
        else:
            axes.set_title(f"{guess} instead of {truth}", {"color": "darkred"})
    return figure
