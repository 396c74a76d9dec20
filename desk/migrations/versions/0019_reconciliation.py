"""Reconciliation: the carrier's calls, and what came of holding ours against them."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('reconciliation',
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('asked_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=False),
    sa.Column('next_day', sa.Date(), nullable=True),
    sa.Column('leased_until', UtcDateTime(timezone=True), nullable=True),
    sa.Column('failed', sa.String(), nullable=True),
    sa.Column('done_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('days', sa.JSON(), nullable=False),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['asked_by'], ['staff.id'], name=op.f('fk_reconciliation_asked_by_staff')),
    sa.PrimaryKeyConstraint('month', name=op.f('pk_reconciliation'))
    )
    op.create_table('carrier_call',
    sa.Column('sid', sa.String(), nullable=False),
    sa.Column('parent', sa.String(), nullable=True),
    sa.Column('direction', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('started_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('cost', sa.BigInteger(), nullable=True),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('ticket_id', sa.Integer(), nullable=True),
    sa.Column('seen_at', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['line_id'], ['line.id'], name=op.f('fk_carrier_call_line_id_line')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_carrier_call_staff_id_staff')),
    sa.PrimaryKeyConstraint('sid', name=op.f('pk_carrier_call'))
    )
    for column in ('parent', 'started_at'):
        op.create_index(op.f(f'ix_carrier_call_{column}'), 'carrier_call', [column])


def downgrade() -> None:
    op.drop_table('carrier_call')
    op.drop_table('reconciliation')
