"""Calendars that people subscribe to.

Revision ID: 0004
Revises: 0003
"""
import sqlalchemy as sa
from alembic import op

import desk.db

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('feed_event',
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('changed_at', desk.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends', desk.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('uid', name=op.f('pk_feed_event'))
    )
    with op.batch_alter_table('feed_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feed_event_ends'), ['ends'], unique=False)

    op.create_table('feed_state',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('since', desk.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed_state'))
    )
    op.create_table('subscription',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('feed', sa.String(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('made_at', desk.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', desk.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_subscription_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscription')),
    sa.UniqueConstraint('digest', name=op.f('uq_subscription_digest'))
    )
    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_subscription_staff_id'), ['staff_id'], unique=False)


def downgrade() -> None:
    op.drop_table('subscription')
    op.drop_table('feed_state')
    op.drop_table('feed_event')
