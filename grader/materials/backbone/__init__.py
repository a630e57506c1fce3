"""The kit's own backbone: importing this module registers `resnet18_shapes` in torchvision."""

from grader.materials.backbone.model import ResNet18_Shapes_Weights, ShapesPreset, resnet18_shapes

__all__ = ["ResNet18_Shapes_Weights", "ShapesPreset", "resnet18_shapes"]
