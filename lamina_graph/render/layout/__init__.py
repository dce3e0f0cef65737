"""Where cards go, and how lines run between them."""
