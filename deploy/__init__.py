"""What gets the product to AWS: its packages, its stack, and what proves them without an account. Not the product."""
