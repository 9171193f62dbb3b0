"""The decisions of `risk`: pure, without a clock and without input or output."""
