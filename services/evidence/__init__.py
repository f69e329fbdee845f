"""Facts, drafts, and the check that lets no sentence through which no fact holds. Pure: standard library only."""
