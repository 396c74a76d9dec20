"""Settings: regular weeks from a day on, announcements, who said it, and the last check of the carrier's account."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None
SIGNED = ('closure', 'switch', 'prompt')


def upgrade() -> None:
    op.create_table(
        'regular_week',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('hours_id', sa.Integer(), nullable=False),
        sa.Column('since', sa.Date(), nullable=False),
        sa.Column('week', sa.JSON(), nullable=False),
        sa.Column('who', sa.String(), nullable=False),
        sa.Column('published_at', UtcDateTime(timezone=True), nullable=False),
        sa.Column('withdrawn_at', UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['hours_id'], ['business_hours.id'], name=op.f('fk_regular_week_hours_id_business_hours')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_regular_week')),
    )
    op.create_index(op.f('ix_regular_week_hours_id'), 'regular_week', ['hours_id'])
    op.create_table(
        'announcement',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('line_id', sa.Integer(), nullable=False),
        sa.Column('texts', sa.JSON(), nullable=False),
        sa.Column('starts', UtcDateTime(timezone=True), nullable=False),
        sa.Column('ends', UtcDateTime(timezone=True), nullable=True),
        sa.Column('who', sa.String(), nullable=False),
        sa.Column('made_at', UtcDateTime(timezone=True), nullable=False),
        sa.Column('ended_by', sa.String(), nullable=False),
        sa.Column('closure_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['closure_id'], ['closure.id'], name=op.f('fk_announcement_closure_id_closure')),
        sa.ForeignKeyConstraint(['line_id'], ['line.id'], name=op.f('fk_announcement_line_id_line')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_announcement')),
    )
    op.create_index(op.f('ix_announcement_line_id'), 'announcement', ['line_id'])
    op.create_index(op.f('ix_announcement_closure_id'), 'announcement', ['closure_id'])
    op.create_table(
        'carrier_check',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('at', UtcDateTime(timezone=True), nullable=False),
        sa.Column('who', sa.String(), nullable=False),
        sa.Column('findings', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_carrier_check')),
    )
    for table in SIGNED:
        op.add_column(table, sa.Column('who', sa.String(), server_default='', nullable=False))


def downgrade() -> None:
    for table in SIGNED:
        op.drop_column(table, 'who')
    op.drop_table('carrier_check')
    op.drop_table('announcement')
    op.drop_table('regular_week')
