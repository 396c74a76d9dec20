"""Moved work: found to have begun in another month, it has a line there and a correction where it was billed."""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None
ORIGINAL, CORRECTION = sa.text("corrects = ''"), sa.text("corrects <> ''")


def _create(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.drop_index(name, table_name='charge_line')
    op.create_index(name, 'charge_line', columns, unique=True, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    _create('ux_charge_line_billed', ['account', 'source', 'of_month'], ORIGINAL)
    _create('ux_charge_line_corrected', ['account', 'corrects', 'of_month', 'month'], CORRECTION)


def downgrade() -> None:
    _create('ux_charge_line_billed', ['account', 'source'], ORIGINAL)
    _create('ux_charge_line_corrected', ['account', 'corrects', 'month'], CORRECTION)
