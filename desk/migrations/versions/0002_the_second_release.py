"""The second release."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In words: on SQLite Alembic would make the table anew, which has rows that refer to it.
    op.execute('ALTER TABLE "call" ADD COLUMN page_id INTEGER CONSTRAINT fk_call_page_id_page REFERENCES page (id)')
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_page_id'), ['page_id'], unique=False)

    with op.batch_alter_table('leg', schema=None) as batch_op:
        batch_op.add_column(sa.Column('answered_at', UtcDateTime(timezone=True), nullable=True))

    with op.batch_alter_table('page', schema=None) as batch_op:
        batch_op.add_column(sa.Column('asked_in', sa.String(), nullable=True))
        batch_op.create_index(batch_op.f('ix_page_asked_in'), ['asked_in'], unique=False)

    with op.batch_alter_table('verification', schema=None) as batch_op:
        batch_op.add_column(sa.Column('way', sa.String(), nullable=False, server_default='text'))


def downgrade() -> None:
    with op.batch_alter_table('verification', schema=None) as batch_op:
        batch_op.drop_column('way')

    with op.batch_alter_table('page', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_page_asked_in'))
        batch_op.drop_column('asked_in')

    with op.batch_alter_table('leg', schema=None) as batch_op:
        batch_op.drop_column('answered_at')

    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_page_id'))
        batch_op.drop_column('page_id')

