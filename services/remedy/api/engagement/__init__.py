"""HTTP: engagements and the follow-up of contracts, shown to whom they concern."""
