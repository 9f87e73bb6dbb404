"""5,000 of MNIST's training images in MNIST's own four files: see README.md in this folder."""
