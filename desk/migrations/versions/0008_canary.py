"""The canary: a ticket each hour that the machine has to page and acknowledge by itself."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

SOMEBODY = sa.text('staff_id IS NOT NULL')
MERGED = sa.text('merged_into_id IS NOT NULL')


def upgrade() -> None:
    op.create_table('canary',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('laid_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('since', UtcDateTime(timezone=True), nullable=False),
    sa.Column('looked_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=True),
    sa.Column('paged_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('said', sa.String(), nullable=True),
    sa.Column('failed', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_canary_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canary')),
    sa.UniqueConstraint('ticket_id', name=op.f('uq_canary_ticket_id'))
    )
    # What it leaves no trace in is not read from end to end every hour to make sure of that.
    op.create_index('ix_event_staff_id', 'event', ['staff_id'], sqlite_where=SOMEBODY, postgresql_where=SOMEBODY)
    op.create_index('ix_ticket_merged_into_id', 'ticket', ['merged_into_id'], sqlite_where=MERGED, postgresql_where=MERGED)


def downgrade() -> None:
    op.drop_index('ix_ticket_merged_into_id', 'ticket')
    op.drop_index('ix_event_staff_id', 'event')
    op.drop_table('canary')
