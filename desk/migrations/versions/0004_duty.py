"""Duty: the rules of call-outs."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('duty_rules',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('minimum_minutes', sa.Integer(), nullable=False),
    sa.Column('merge_minutes', sa.Integer(), nullable=False),
    sa.Column('one_block', sa.Boolean(), nullable=False),
    sa.Column('night_from', sa.Integer(), nullable=False),
    sa.Column('night_to', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('made_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('who', sa.String(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_duty_rules_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_rules'))
    )


def downgrade() -> None:
    op.drop_table('duty_rules')
