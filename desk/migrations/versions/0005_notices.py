"""Notices: what colleagues want to be told, what they were told last, and what was told to all."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('notice_choice',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('way', sa.String(), nullable=False),
    sa.Column('reminders', sa.JSON(), nullable=False),
    sa.Column('summaries', sa.Boolean(), nullable=False),
    sa.Column('own_changes', sa.Boolean(), nullable=False),
    sa.Column('chosen_at', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_notice_choice_staff_id_staff')),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_notice_choice'))
    )
    op.create_table('notice_mark',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_notice_mark'))
    )
    op.create_table('told_shifts',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('spells', sa.JSON(), nullable=False),
    sa.Column('until', UtcDateTime(timezone=True), nullable=False),
    sa.Column('heard', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_told_shifts_staff_id_staff')),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_told_shifts'))
    )


def downgrade() -> None:
    op.drop_table('told_shifts')
    op.drop_table('notice_mark')
    op.drop_table('notice_choice')
