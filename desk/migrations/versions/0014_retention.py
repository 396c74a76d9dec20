"""Retention: what contracts say of it, the nights of the purge, and who has looked at what."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('contract', sa.Column('retention', sa.JSON(), nullable=False, server_default='{}'))
    op.create_table('purge_night',
    sa.Column('night', sa.Date(), nullable=False),
    sa.Column('began_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('done_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('after', sa.String(), nullable=True),
    sa.Column('removed', sa.JSON(), nullable=False),
    sa.Column('failed', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('night', name=op.f('pk_purge_night'))
    )
    op.create_table('access',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('who', sa.String(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('reference', sa.String(), nullable=True),
    sa.Column('about', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_access_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access')),
    sa.UniqueConstraint('key', name=op.f('uq_access_key'))
    )
    for column in ('at', 'reference', 'staff_id'):
        op.create_index(op.f(f'ix_access_{column}'), 'access', [column])


def downgrade() -> None:
    op.drop_table('access')
    op.drop_table('purge_night')
    op.drop_column('contract', 'retention')
