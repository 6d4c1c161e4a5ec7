"""The vendor's order procedures as the sample company's SQLite file has them: same names, lists, results and faults.

The bodies follow the T-SQL stand-ins in `wapro/sample/sqlserver`. `script.place` makes the calls of the T-SQL batch one
by one, `faults` plants what goes wrong, `accountant` does what people do in the program.
"""
