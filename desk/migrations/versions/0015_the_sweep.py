"""The sweep: what is deleted by the hundred is not looked for in whole tables that may refer to it."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

ALL = (('call', 'opened_ticket_id'), ('mailed_link', 'ticket_id'), ('pursuit', 'ticket_id'), ('sent_form', 'ticket_id'))
GIVEN = (('arrival', 'event_id'), ('call', 'contact_id'), ('flood', 'ticket_id'), ('ticket', 'contact_id'))


def upgrade() -> None:
    for table, column in ALL:
        op.create_index(op.f(f'ix_{table}_{column}'), table, [column])
    for table, column in GIVEN:
        given = sa.text(f'{column} IS NOT NULL')
        op.create_index(f'ix_{table}_{column}', table, [column], sqlite_where=given, postgresql_where=given)


def downgrade() -> None:
    for table, column in (*ALL, *GIVEN):
        op.drop_index(f'ix_{table}_{column}', table)
