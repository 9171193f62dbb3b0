"""Reading what is published of public contracts: OCDS, eForms and Doffin notices, and plain rows.

Only what a contract needs is read, field by field. A contact person, a telephone number, an e-mail address or a
beneficial owner has no field here, so that none can be kept.
"""

from services.ingest.domain.notices.files import is_notice, read_notices
from services.ingest.domain.notices.notice import ADVICE, Notice, Notices, Problem

__all__ = ["ADVICE", "Notice", "Notices", "Problem", "is_notice", "read_notices"]
