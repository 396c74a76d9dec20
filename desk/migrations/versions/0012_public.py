"""Public pages: files, the forms that were sent, and links that are mailed."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('type', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_file_event_id_event')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_file_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_file'))
    )
    op.create_index(op.f('ix_file_event_id'), 'file', ['event_id'])
    op.create_index(op.f('ix_file_ticket_id'), 'file', ['ticket_id'])
    op.create_table('sent_form',
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_sent_form_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_sent_form'))
    )
    op.create_index(op.f('ix_sent_form_at'), 'sent_form', ['at'])
    op.create_table('mailed_link',
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('opens', sa.String(), nullable=False),
    sa.Column('mailbox', sa.String(), nullable=False),
    sa.Column('expires_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('used_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_mailed_link_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_mailed_link'))
    )
    op.create_index(op.f('ix_mailed_link_expires_at'), 'mailed_link', ['expires_at'])


def downgrade() -> None:
    for table in ('mailed_link', 'sent_form', 'file'):
        op.drop_table(table)
