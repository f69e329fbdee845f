"""How good an engine's insights are: a problem planted in each account, the product's own path, an independent check.

Not a test of the product (tests/) and not a measure of its speed. docs/evaluation.md tells what each figure means.
"""
