import apps.audit.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("machines", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="MachineProcess",
            fields=[],
            options={
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("machines.machine_processes",),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="machine",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=[
                        "created_at",
                        "code",
                        "name",
                        "status",
                        "running_steps",
                        "location",
                        "is_active",
                    ],
                    hash="97a26fe57634f7560377f88a9dce8b0c911d62c9",
                    key="id",
                    nullable=["external_id", "capacity", "hourly_rate"],
                    pgid="pgtrigger_audit_549b1",
                    secret=[],
                    table="machines",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="machinedowntime",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=["created_at", "machine_id", "reason_id", "note", "started_at"],
                    hash="d78789553dc29de652ffc27f12c1942886f02501",
                    key="id",
                    nullable=["ended_at", "reported_by_id"],
                    pgid="pgtrigger_audit_a515e",
                    secret=[],
                    table="machine_downtimes",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reason",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=["created_at", "kind", "code", "name", "is_active"],
                    hash="0a3c861200baa88df177da84186e3fbfb519794d",
                    key="id",
                    nullable=[],
                    pgid="pgtrigger_audit_7d56c",
                    secret=[],
                    table="reasons",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="machineprocess",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=["machine_id", "process_id"],
                    hash="233c12495bbcae0761ff4124bcddaced92670c6a",
                    key="id",
                    nullable=[],
                    pgid="pgtrigger_audit_4235d",
                    secret=[],
                    table="machine_processes",
                ),
            ),
        ),
    ]
