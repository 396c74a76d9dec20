"""The canary: a ticket each hour that the machine has to page and acknowledge by itself."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('canary',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('laid_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('since', UtcDateTime(timezone=True), nullable=False),
    sa.Column('looked_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=True),
    sa.Column('paged_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('said', sa.String(), nullable=True),
    sa.Column('failed', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_canary_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canary')),
    sa.UniqueConstraint('ticket_id', name=op.f('uq_canary_ticket_id'))
    )


def downgrade() -> None:
    op.drop_table('canary')
