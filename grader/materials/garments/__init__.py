"""Garments drawn on demand: the ten classes of Fashion-MNIST, without any photographs."""

from grader.materials.garments.camera import hand_held
from grader.materials.garments.canvas import SIDE
from grader.materials.garments.dataset import CLASSES, GarmentImages, draw_garments

__all__ = ["CLASSES", "SIDE", "GarmentImages", "draw_garments", "hand_held"]
