"""Mail: what came in, with all its bytes; mailboxes and how far they were fetched, and floods."""

import sqlalchemy as sa
from alembic import op

import desk.db

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

STORED = sa.text("state = 'stored'")


def upgrade() -> None:
    op.create_table(
        'arrival',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('received_at', desk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column('waited_since', desk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column('way', sa.String(), nullable=False),
        sa.Column('sha256', sa.String(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('copies', sa.Integer(), nullable=False),
        sa.Column('message_id', sa.String(), nullable=True),
        sa.Column('sender', sa.String(), nullable=True),
        sa.Column('subject', sa.String(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('why', sa.String(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('leased_until', desk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column('ticket_id', sa.Integer(), nullable=True),
        sa.Column('event_id', sa.Integer(), nullable=True),
        sa.Column('facts', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_arrival_event_id_event')),
        sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_arrival_ticket_id_ticket')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_arrival')),
        sa.UniqueConstraint('name', name=op.f('uq_arrival_name')),
    )
    op.create_index('ix_arrival_stored', 'arrival', ['id'], sqlite_where=STORED, postgresql_where=STORED)
    for column in ('message_id', 'received_at', 'sender', 'ticket_id'):
        op.create_index(op.f(f'ix_arrival_{column}'), 'arrival', [column])
    op.create_table(
        'arrival_raw',
        sa.Column('arrival_id', sa.Integer(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['arrival_id'], ['arrival.id'], name=op.f('fk_arrival_raw_arrival_id_arrival')),
        sa.PrimaryKeyConstraint('arrival_id', name=op.f('pk_arrival_raw')),
    )
    op.create_table(
        'mailbox',
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('validity', sa.BigInteger(), nullable=False),
        sa.Column('last', sa.BigInteger(), nullable=False),
        sa.Column('begun_at', desk.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_mailbox')),
    )
    op.create_table(
        'flood',
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('since', desk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column('ticket_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_flood_ticket_id_ticket')),
        sa.PrimaryKeyConstraint('key', name=op.f('pk_flood')),
    )


def downgrade() -> None:
    for table in ('flood', 'mailbox', 'arrival_raw', 'arrival'):
        op.drop_table(table)
