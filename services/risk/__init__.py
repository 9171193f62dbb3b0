"""Risk: what is known of sites and suppliers, why, and whose contracts it touches.

Owns: fact lists by edition, names and merges as the registry tells them, disclosures by audience and in time,
assessments, indicators, flags with all that was told of them, contracts and their links, exposure, and members' keys by
digest.
Consumes: `members.registry`, `members.disclosure`, `members.report`, `members.remedy`; of each member
`member.<id>.disclosure`, `.contract` and `.key`.
Publishes: on `members.risk` indicators, assessments, flags and leverage; on `member.<id>.exposure` what touches that
member's contracts, and how what they reach stands.

Read it in this order. `touched` and `news`: what changed, and why. `handlers`: each topic is written down as told
(`registering`, `disclosing`, `contracts`, `reporting`; `access` for keys). `settling`: what follows, always in this
order: `flagging`, `assessing`, `exposing`, `assessing_contracts`; each compares what ought to hold with what was last
published. `schedule`: the same by the clock. `domain/`: `facts` -> `model` (`model.toml`) -> `sites` and `evidence` ->
`assessment` (`reckoning` first: numbers and reasons both come from it); `flags` (`rules`, then `life`); `exposure`;
`salience`. Beside this: `loading` puts a list into force, `finding` and `explaining` answer "why", `rebuilding` proves
that all of it follows from the topics and the lists. In every table '' stands for all members.

An indicator says what a list says, and accuses nobody; a flag is raised by people. What nobody knows is unknown.
"""
