"""What one document may ask for, refused before any work is done (graph.documents); `viewer.limits` publishes it."""

from typing import Final

MAX_BYTES: Final = 1_000_000
"Of a request's body: 4,000 tokens and their variables are far less, and memory is nobody's to fill."
MAX_VALUES: Final = 10_000
"Within the variables of a request: to read one takes up to 30 microseconds, and none is priced."
MAX_SECONDS: Final = 20
"After which a request begins nothing more with the database: sixty fields of ten seconds each are nobody's to ask for."
MAX_DEPTH: Final = 14
MAX_TOKENS: Final = 4000
MAX_ALIASES: Final = 60
MAX_ALIAS: Final = 100
"Characters of one. It stands in each object of the answer: one of 900,000 made 86 MB at a price of 101."
MAX_COST: Final = 50_000
"In units of graph.costs: all that hangs on 100 accounts, or 250 days of 100 accounts with their factors left out."
MAX_ERRORS: Final = 10
"Of validation. Each may repeat a value that is as long as the document."
MAX_REPEATS: Final = 20_000
"Pairs of fields under one key, as fragments make them that ask for the same."
MAX_FIELDS: Final = MAX_TOKENS
"With fragments spread out, so that none lets a document ask for more than one that is written out."
