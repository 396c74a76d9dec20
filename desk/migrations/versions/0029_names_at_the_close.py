"""What company, customers and engineers were called when a month was closed: its files say so ever after."""

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('statement', sa.Column('names', sa.JSON(), server_default='{}', nullable=False))


def downgrade() -> None:
    op.drop_column('statement', 'names')
