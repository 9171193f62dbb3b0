"""What follows from accepted submissions, one module per subject; each keeps and tells its part of a batch."""
