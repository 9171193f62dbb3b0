"""The whole system on one machine: broker, database, mail sink and services, kept alive from one state folder."""
