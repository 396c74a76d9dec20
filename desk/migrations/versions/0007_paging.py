"""Paging: an emergency that nobody has is paged until somebody has it."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

UNTOLD = sa.text('told_at IS NULL')
WANTED = sa.text("state = 'open' AND priority = 'emergency' AND owner_id IS NULL")
OPEN = sa.text('ended_at IS NULL')


def upgrade() -> None:
    op.create_table('pursuit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('policy', sa.String(), nullable=False),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('step', sa.Integer(), nullable=True),
    sa.Column('tried', sa.JSON(), nullable=False),
    sa.Column('begun_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('next_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('claims', sa.Integer(), nullable=False),
    sa.Column('leased_until', UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_pursuit_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pursuit'))
    )
    op.create_index('uq_pursuit_open_ticket_id', 'pursuit', ['ticket_id'], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table('summons',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('pursuit_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['pursuit_id'], ['pursuit.id'], name=op.f('fk_summons_pursuit_id_pursuit')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_summons_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_summons')),
    sa.UniqueConstraint('pursuit_id', 'staff_id', name=op.f('uq_summons_pursuit_id_staff_id'))
    )
    op.create_index(op.f('ix_summons_staff_id'), 'summons', ['staff_id'])
    # In words: on SQLite Alembic would make the table anew, which has rows that refer to it.
    op.execute('ALTER TABLE page ADD COLUMN pursuit_id INTEGER CONSTRAINT fk_page_pursuit_id_pursuit REFERENCES pursuit (id)')
    op.create_index(op.f('ix_page_pursuit_id'), 'page', ['pursuit_id'])
    op.create_index('ix_ticket_wanted', 'ticket', ['id'], sqlite_where=WANTED, postgresql_where=WANTED)
    op.create_index('ix_mark_untold', 'mark', ['id'], sqlite_where=UNTOLD, postgresql_where=UNTOLD)


def downgrade() -> None:
    op.drop_index('ix_mark_untold', 'mark')
    op.drop_index('ix_ticket_wanted', 'ticket')
    op.drop_index(op.f('ix_page_pursuit_id'), 'page')
    with op.batch_alter_table('page', schema=None) as batch_op:
        batch_op.drop_column('pursuit_id')
    op.drop_table('summons')
    op.drop_table('pursuit')
