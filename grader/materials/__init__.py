"""Images and weights: drawn garments, the kit's own backbone, downloads, exercise 08's exam."""
