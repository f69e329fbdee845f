"""The audit of what is deployed: tools and rules over the synthesised templates, `python -m deploy.audit`."""
