"""Privacy: erasures of people, and what of theirs was found when each began."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('erasure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('begun_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('who', sa.String(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('whom', sa.JSON(), nullable=True),
    sa.Column('tags', sa.JSON(), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('kept', sa.JSON(), nullable=False),
    sa.Column('erased_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('compacted_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_erasure_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure'))
    )
    op.create_table('erasure_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('erasure_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('sid', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['erasure_id'], ['erasure.id'], name=op.f('fk_erasure_item_erasure_id_erasure')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure_item'))
    )
    op.create_index('ix_erasure_item_erasure_id_kind', 'erasure_item', ['erasure_id', 'kind'])


def downgrade() -> None:
    for table in ('erasure_item', 'erasure'):
        op.drop_table(table)
