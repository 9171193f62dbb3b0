"""Whether two names are one supplier or site: rules about words, numbers and places."""
