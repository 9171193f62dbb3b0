"""Members: how they join, their keys, and how they leave."""
