"""The decisions of ingest, pure: identity, list files, editions, submissions and what is published of them."""
