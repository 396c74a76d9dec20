"""Charge lines and statements: what each month comes to, what was decided about it, and who closed it."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('charge_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account', sa.Integer(), nullable=False),
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('wanted', sa.Integer(), nullable=False),
    sa.Column('charged', sa.Integer(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_charge_account')),
    sa.UniqueConstraint('account', 'month', name=op.f('uq_charge_account_account_month'))
    )
    op.create_index(op.f('ix_charge_account_month'), 'charge_account', ['month'], unique=False)
    op.create_index('ix_charge_account_stale', 'charge_account', ['id'], unique=False, sqlite_where=sa.text('wanted <> charged'), postgresql_where=sa.text('wanted <> charged'))
    op.create_table('charge_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account', sa.Integer(), nullable=False),
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('of_month', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('corrects', sa.String(), nullable=False),
    sa.Column('customer_code', sa.String(), nullable=False),
    sa.Column('customer', sa.String(), nullable=False),
    sa.Column('contract', sa.String(), nullable=False),
    sa.Column('contract_version', sa.Integer(), nullable=True),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('caller', sa.String(), nullable=False),
    sa.Column('contact', sa.String(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('engineers', sa.JSON(), nullable=False),
    sa.Column('staff', sa.String(), nullable=False),
    sa.Column('starts', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends', UtcDateTime(timezone=True), nullable=False),
    sa.Column('calls', sa.Integer(), nullable=False),
    sa.Column('office_seconds', sa.Integer(), nullable=False),
    sa.Column('weekday_after_hours_seconds', sa.Integer(), nullable=False),
    sa.Column('saturday_seconds', sa.Integer(), nullable=False),
    sa.Column('sunday_seconds', sa.Integer(), nullable=False),
    sa.Column('public_holiday_seconds', sa.Integer(), nullable=False),
    sa.Column('holiday', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('billed_seconds', sa.Integer(), nullable=False),
    sa.Column('rate', sa.String(), nullable=True),
    sa.Column('price_cents', sa.Integer(), nullable=True),
    sa.Column('amount_cents', sa.Integer(), nullable=False),
    sa.Column('consent', sa.String(), nullable=False),
    sa.Column('explanation', sa.String(), nullable=False),
    sa.Column('versions', sa.JSON(), nullable=False),
    sa.Column('changed', sa.String(), nullable=False),
    sa.Column('charged_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_charge_line'))
    )
    op.create_index('ix_charge_line_account', 'charge_line', ['account', 'of_month'], unique=False)
    op.create_index('ix_charge_line_page', 'charge_line', ['month', 'starts', 'id'], unique=False)
    op.create_index(op.f('ix_charge_line_ticket_id'), 'charge_line', ['ticket_id'], unique=False)
    op.create_index('ux_charge_line_billed', 'charge_line', ['account', 'source'], unique=True, sqlite_where=sa.text("corrects = ''"), postgresql_where=sa.text("corrects = ''"))
    op.create_index('ux_charge_line_corrected', 'charge_line', ['account', 'corrects', 'month'], unique=True, sqlite_where=sa.text("corrects <> ''"), postgresql_where=sa.text("corrects <> ''"))
    op.create_table('review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('of_month', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('who', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=True),
    sa.Column('seconds', sa.Integer(), nullable=True),
    sa.Column('worked', sa.Integer(), nullable=False),
    sa.Column('was', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review'))
    )
    op.create_index('ix_review_line', 'review', ['account', 'source'], unique=False)
    op.create_table('statement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('closed_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.String(), nullable=True),
    sa.Column('checks', sa.JSON(), nullable=False),
    sa.Column('hours', sa.JSON(), nullable=False),
    sa.Column('totals', sa.JSON(), nullable=False),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statement')),
    sa.UniqueConstraint('month', name=op.f('uq_statement_month'))
    )
    op.create_table('reopening',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=False),
    sa.Column('asked_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.Column('decided_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('agreed', sa.Boolean(), nullable=True),
    sa.ForeignKeyConstraint(['asked_by_id'], ['staff.id'], name=op.f('fk_reopening_asked_by_id_staff')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['staff.id'], name=op.f('fk_reopening_decided_by_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reopening'))
    )
    op.create_index('ux_reopening_asked', 'reopening', ['month'], unique=True, sqlite_where=sa.text('decided_at IS NULL'), postgresql_where=sa.text('decided_at IS NULL'))

    _mark_what_was_worked()


def _mark_what_was_worked() -> None:
    """All work so far is to be charged: a month begins at another instant in every zone, so its neighbours are too."""
    work = sa.table('work', sa.column('customer_id'), sa.column('starts', UtcDateTime()))
    account = sa.table('charge_account', *map(sa.column, ('account', 'month', 'wanted', 'charged')),
                       sa.column('reasons', sa.JSON()))
    found = set()
    for customer, starts in op.get_bind().execute(sa.select(work.c.customer_id, work.c.starts)):
        for days in (-1, 0, 1):
            found.add((customer or 0, f'{starts + timedelta(days=days):%Y-%m}'))
    rows = [{'account': a, 'month': m, 'wanted': 1, 'charged': 0, 'reasons': []} for a, m in sorted(found)]
    if rows:
        op.bulk_insert(account, rows)


def downgrade() -> None:
    for table in ('reopening', 'statement', 'review', 'charge_line', 'charge_account'):
        op.drop_table(table)
