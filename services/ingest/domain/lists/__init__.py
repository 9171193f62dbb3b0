"""List files: what their rows say, what is wrong with them, and what a newer edition changes."""
