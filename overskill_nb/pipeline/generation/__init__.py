"""Components from a prompt: asked of a model, checked, mended, kept."""
