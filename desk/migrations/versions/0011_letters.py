"""Letters: what customers were written because of which event; nobody is written to about what was before."""

import sqlalchemy as sa
from alembic import op

import desk.db

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

OF_ADDRESSES = sa.text("kind IN ('bounced', 'address')")
OWES_LETTER = sa.text("kind IN ('opened', 'answered', 'waiting', 'resolved', 'reopened', 'merged', 'address')")


def upgrade() -> None:
    op.create_table(
        'letter',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('event_id', sa.Integer(), nullable=False),
        sa.Column('ticket_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('at', desk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column('to', sa.String(), nullable=True),
        sa.Column('address', sa.String(), nullable=True),
        sa.Column('language', sa.String(), nullable=True),
        sa.Column('automatic', sa.Boolean(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('why', sa.String(), nullable=True),
        sa.Column('outbox_id', sa.Integer(), nullable=True),
        sa.Column('message_id', sa.String(), nullable=True),
        sa.Column('sent_at', desk.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_letter_event_id_event')),
        sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_letter_ticket_id_ticket')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
        sa.UniqueConstraint('event_id', name=op.f('uq_letter_event_id')),
        sa.UniqueConstraint('message_id', name=op.f('uq_letter_message_id')),
    )
    op.create_index('ix_letter_ticket_id', 'letter', ['ticket_id'])
    op.create_index('ix_letter_address_at', 'letter', ['address', 'at'])
    op.create_table(
        'letters_since',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('event_id', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_letters_since')),
    )
    op.execute('INSERT INTO letters_since (event_id) SELECT coalesce(max(id), 0) FROM event')
    op.create_index('ix_event_bounced', 'event', ['id'], sqlite_where=OF_ADDRESSES, postgresql_where=OF_ADDRESSES)
    op.create_index('ix_event_letter', 'event', ['at'], sqlite_where=OWES_LETTER, postgresql_where=OWES_LETTER)


def downgrade() -> None:
    op.drop_index('ix_event_letter', 'event')
    op.drop_index('ix_event_bounced', 'event')
    op.drop_table('letters_since')
    op.drop_table('letter')
