"""Due times: what each contract promises, when each ticket needs what, what came to pass."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

# What an event's words said is now said by its kind.
KINDS = (
    ('asked', 'somebody else asked for its state%', 'state asked'),
    ('resolved', 'abandoned: %', 'withdrawn'),
    ('resolved', 'goes on as %', 'withdrawn'),
    ('resolved', 'rejected: %', 'withdrawn'),
    ('message', 'left a message of %', 'asked'),
    ('text', 'wrote: %', 'asked'),
)


def upgrade() -> None:
    op.add_column('business_hours', sa.Column('dates', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('contract', sa.Column('targets', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('ticket', sa.Column('moves', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('ticket', sa.Column('judged', sa.Integer(), nullable=False, server_default='-1'))
    unjudged = sa.text('moves <> judged')
    op.create_index('ix_ticket_unjudged', 'ticket', ['id'], sqlite_where=unjudged, postgresql_where=unjudged)
    event = sa.table('event', *(sa.column(name, sa.String) for name in ('kind', 'text')))
    for was, said, now in KINDS:
        op.execute(event.update().where(event.c.kind == was, event.c.text.like(said)).values(kind=now))

    op.create_table('due',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('measure', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('runs', sa.Boolean(), nullable=False),
    sa.Column('started_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('aim', UtcDateTime(timezone=True), nullable=True),
    sa.Column('due', UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('breached_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('look_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('trace', sa.JSON(), nullable=False),
    sa.Column('terms', sa.String(), nullable=False),
    sa.Column('judged_at', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_due_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_due')),
    sa.UniqueConstraint('ticket_id', 'measure', name=op.f('uq_due_ticket_id_measure'))
    )
    op.create_index('ix_due_look_at', 'due', ['look_at'])
    op.create_table('mark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('measure', sa.String(), nullable=False),
    sa.Column('since', UtcDateTime(timezone=True), nullable=False),
    sa.Column('point', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('due', UtcDateTime(timezone=True), nullable=True),
    sa.Column('trace', sa.JSON(), nullable=False),
    sa.Column('noted_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('told_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_mark_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mark')),
    sa.UniqueConstraint('ticket_id', 'measure', 'since', 'point', name=op.f('uq_mark_ticket_id_measure_since_point'))
    )


def downgrade() -> None:
    op.drop_table('mark')
    op.drop_table('due')
    op.drop_index('ix_ticket_unjudged', 'ticket')
    for table, column in (('ticket', 'judged'), ('ticket', 'moves'), ('contract', 'targets'), ('business_hours', 'dates')):
        op.drop_column(table, column)
