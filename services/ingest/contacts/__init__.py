"""Contacts of suppliers: who may answer for a supplier by itself, what it is asked, and what it says to that."""
