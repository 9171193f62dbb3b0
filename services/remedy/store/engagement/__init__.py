"""SQL on what the registry tells, on engagements and their entries, and on the follow-up of contracts."""
