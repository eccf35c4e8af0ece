"""The operator's and developer's tool: simulator, previews, images and packing."""
