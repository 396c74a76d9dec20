"""The sweep: indexes for what refers to what is deleted, how a night gets past a fault, and troubles to be told."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

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
    op.add_column('purge_night', sa.Column('most', sa.Integer(), nullable=True))
    op.add_column('purge_night', sa.Column('ahead', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('purge_night', sa.Column('ahead_at', UtcDateTime(timezone=True), nullable=True))
    op.execute("UPDATE purge_night SET failed = '{}'")  # it was told in another form
    op.add_column('erasure', sa.Column('rewritten_at', UtcDateTime(timezone=True), nullable=True))
    op.create_table('trouble',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('since', UtcDateTime(timezone=True), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('page', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_trouble'))
    )


def downgrade() -> None:
    op.drop_table('trouble')
    op.drop_column('erasure', 'rewritten_at')
    for column in ('ahead_at', 'ahead', 'most'):
        op.drop_column('purge_night', column)
    for table, column in (*ALL, *GIVEN):
        op.drop_index(f'ix_{table}_{column}', table)
