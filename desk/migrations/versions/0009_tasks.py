"""Tasks: where to write to about a ticket without a contact, and what finds calls that reached nobody."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

MISSED = sa.text("kind = 'missed'")


def upgrade() -> None:
    op.add_column('ticket', sa.Column('email', sa.String(), nullable=True))
    op.create_index('ix_event_missed', 'event', ['ticket_id'], sqlite_where=MISSED, postgresql_where=MISSED)


def downgrade() -> None:
    op.drop_index('ix_event_missed', 'event')
    # In words: on SQLite Alembic would make the table anew, which has rows that refer to it.
    op.execute('ALTER TABLE ticket DROP COLUMN email')
