"""Partners of a campaign: who calls for it under a code of its own, and in which words people may be offered to it."""
