"""The outbox, the worker, kept recordings, proved numbers."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0002_outbox'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('chore',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('done_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('worker', sa.String(), nullable=True),
    sa.Column('leased_until', UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_chore'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('made_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('due_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('worker', sa.String(), nullable=True),
    sa.Column('leased_until', UtcDateTime(timezone=True), nullable=True),
    sa.Column('unsure', sa.Boolean(), nullable=False),
    sa.Column('reference', sa.String(), nullable=True),
    sa.Column('sent_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('report', sa.String(), nullable=True),
    sa.Column('error', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key')),
    sa.UniqueConstraint('reference', name=op.f('uq_outbox_reference'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_state_due_at', ['state', 'due_at'], unique=False)

    op.create_table('pulse',
    sa.Column('worker', sa.String(), nullable=False),
    sa.Column('started_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ticked_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('worker', name=op.f('pk_pulse'))
    )
    op.create_table('verification',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('sent_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('verified_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_verification_staff_id_staff')),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_verification'))
    )
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.add_column(sa.Column('asked_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_call_unfinished', ['last_heard_at'], unique=False, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    with op.batch_alter_table('recording', schema=None) as batch_op:
        batch_op.add_column(sa.Column('file', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('kept_at', UtcDateTime(timezone=True), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('recording', schema=None) as batch_op:
        batch_op.drop_column('kept_at')
        batch_op.drop_column('file')

    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_index('ix_call_unfinished', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_column('asked_at')

    op.drop_table('verification')
    op.drop_table('pulse')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_state_due_at')

    op.drop_table('outbox')
    op.drop_table('chore')
