"""The graph's types: the words of the contract, with what each means to a client. No SQL, no rules."""
