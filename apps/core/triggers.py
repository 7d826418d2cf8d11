"""Triggers that no session setting skips.

django-pgtrigger's own ask the setting ``pgtrigger.ignore`` first, which any session may set, in a
block with an exception handler, which costs a subtransaction a row.
"""

from typing import Any

import pgtrigger
from pgtrigger import compiler


class FirmSql(compiler.UpsertTriggerSql):
    """The SQL that installs such a trigger, as migrations keep it."""

    def get_template(self) -> str:
        """Return the statements."""
        return """
CREATE OR REPLACE FUNCTION {pgid}() RETURNS trigger LANGUAGE plpgsql AS $$
{declare}
BEGIN
    {func}
END;
$$;
DROP TRIGGER IF EXISTS {pgid} ON {table};
CREATE {constraint} TRIGGER {pgid} {when} {operation} ON {table} {timing} {referencing}
    FOR EACH {level} {condition} EXECUTE FUNCTION {execute};
COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
"""


class Trigger(pgtrigger.Trigger):
    """The base of ours."""

    def compile(self, model: Any) -> compiler.Trigger:
        """Return the trigger as migrations keep it."""
        made = super().compile(model)
        kept = {key: value for key, value in made.sql.kwargs.items() if key != "ignore_func_name"}
        return compiler.Trigger(name=made.name, sql=FirmSql(**kept))


class Transitions(Trigger, pgtrigger.FSM):
    """Refuse a change of status that the table of transitions does not list."""
