"""Every SQL statement on the tables of ingest, one module per part of the schema."""
