"""Documents that people hand on, computed from what was told and from nothing else.

`sheet` is what each is made of: sections of tables whose figures name the events they rest on; `told` what they are
computed from. `period`, `tracker`, `brief`, `account` and `record` compute one each.
"""
