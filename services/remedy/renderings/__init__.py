"""How documents look: as a page to read or print, as a table for spreadsheets, as JSON for programs. Pure."""
