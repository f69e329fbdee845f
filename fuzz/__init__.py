"""A campaign of made-up requests with every role against the running server: `make fuzz`, `python -m fuzz --help`.

What makes the requests needs Schemathesis and runs in a venv of its own, build/fuzz; the server runs in .venv.
"""
