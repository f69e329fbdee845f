"""What a language model is told of a subject, and what is taken from its answer. Pure.

No customer's text goes in, and nothing comes out but what the schema allows. Not the call (services.adapters) and not
the check of what was written against the facts (services.evidence).
"""

from services.prompts.building import VERSION, Prompt, build
from services.prompts.reading import Malformed, read

__all__ = ["VERSION", "Malformed", "Prompt", "build", "read"]
