"""Engagements, their reasons, and the follow-up of contracts."""
