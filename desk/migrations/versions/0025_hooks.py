"""Hooks: what programs elsewhere and chat rooms are told, and what came of it."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def _at(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, UtcDateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        'hook_endpoint',
        sa.Column('id', sa.Integer(), nullable=False),
        *(_text(name) for name in ('way', 'name', 'url')),
        sa.Column('types', sa.JSON(), nullable=False),
        sa.Column('full', sa.Boolean(), nullable=False),
        sa.Column('emergencies', sa.Boolean(), nullable=False),
        _text('salt'),
        _text('salt_before', nullable=True),
        _at('before_until', nullable=True),
        _at('made_at'),
        sa.Column('made_by_id', sa.Integer(), nullable=False),
        sa.Column('misses', sa.Integer(), nullable=False),
        *(_at(name, nullable=True) for name in ('failing_since', 'rests_until', 'reached_at', 'off_at')),
        _text('off_why', nullable=True),
        _at('removed_at', nullable=True),
        sa.ForeignKeyConstraint(['made_by_id'], ['staff.id'], name=op.f('fk_hook_endpoint_made_by_id_staff')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_hook_endpoint')),
    )
    op.create_table(
        'hook_happening',
        sa.Column('id', sa.Integer(), nullable=False),
        *(_text(name) for name in ('uid', 'type')),
        _at('at'),
        sa.Column('facts', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_hook_happening')),
        sa.UniqueConstraint('uid', name=op.f('uq_hook_happening_uid')),
    )
    op.create_index(op.f('ix_hook_happening_at'), 'hook_happening', ['at'])
    op.create_table(
        'hook_delivery',
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ('id', 'happening_id', 'endpoint_id')),
        *(_text(name) for name in ('row', 'state')),
        sa.Column('tries', sa.Integer(), nullable=False),
        _at('ended_at', nullable=True),
        sa.ForeignKeyConstraint(
            ['happening_id'], ['hook_happening.id'], name=op.f('fk_hook_delivery_happening_id_hook_happening')
        ),
        sa.ForeignKeyConstraint(
            ['endpoint_id'], ['hook_endpoint.id'], name=op.f('fk_hook_delivery_endpoint_id_hook_endpoint')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_hook_delivery')),
        sa.UniqueConstraint('happening_id', 'endpoint_id', name=op.f('uq_hook_delivery_happening_id_endpoint_id')),
        sa.UniqueConstraint('row', name=op.f('uq_hook_delivery_row')),
    )
    op.create_index('ix_hook_delivery_endpoint_id', 'hook_delivery', ['endpoint_id', 'id'])
    op.create_table(
        'hook_attempt',
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ('id', 'delivery_id')),
        _at('at'),
        sa.Column('took_ms', sa.Integer(), nullable=False),
        sa.Column('status', sa.Integer(), nullable=True),
        _text('answer'),
        _text('fault', nullable=True),
        sa.ForeignKeyConstraint(
            ['delivery_id'], ['hook_delivery.id'], name=op.f('fk_hook_attempt_delivery_id_hook_delivery')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_hook_attempt')),
    )
    op.create_index(op.f('ix_hook_attempt_delivery_id'), 'hook_attempt', ['delivery_id'])
    op.create_table(
        'hook_rota',
        _text('name'),
        _at('at'),
        sa.Column('on_duty', sa.JSON(), nullable=False),
        sa.Column('gaps', sa.JSON(), nullable=False),
        sa.Column('in_gap', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_hook_rota')),
    )


def downgrade() -> None:
    for name in ('hook_rota', 'hook_attempt', 'hook_delivery', 'hook_happening', 'hook_endpoint'):
        op.drop_table(name)
