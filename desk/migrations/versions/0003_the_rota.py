"""The rota: versions, swaps, leave, cover, readiness, what was served, feeds."""

from datetime import UTC, datetime
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

BEFORE = datetime(2000, 1, 1, tzinfo=UTC)  # nobody wrote down since when a rota was in force


def upgrade() -> None:
    op.create_table('readiness_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('until', UtcDateTime(timezone=True), nullable=False),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_readiness_report'))
    )
    op.create_table('leave',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('starts', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends', UtcDateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('told_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('told_by', sa.String(), nullable=False),
    sa.Column('withdrawn_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_leave_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leave')),
    sa.UniqueConstraint('staff_id', 'source', 'uid', name=op.f('uq_leave_staff_id_source_uid'))
    )
    with op.batch_alter_table('leave', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_leave_staff_id'), ['staff_id'], unique=False)

    op.create_table('leave_calendar',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('added_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('asked_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('read_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('fault', sa.String(), nullable=True),
    sa.Column('removed_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_leave_calendar_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leave_calendar'))
    )
    with op.batch_alter_table('leave_calendar', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_leave_calendar_staff_id'), ['staff_id'], unique=False)

    op.create_table('recorded_until',
    sa.Column('rota_id', sa.Integer(), nullable=False),
    sa.Column('until', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['rota_id'], ['rota.id'], name=op.f('fk_recorded_until_rota_id_rota')),
    sa.PrimaryKeyConstraint('rota_id', name=op.f('pk_recorded_until'))
    )
    op.create_table('rota_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rota_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('since', UtcDateTime(timezone=True), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.Column('published_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('who', sa.String(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('restores', sa.Integer(), nullable=True),
    sa.Column('hazards', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['rota_id'], ['rota.id'], name=op.f('fk_rota_version_rota_id_rota')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_rota_version_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rota_version')),
    sa.UniqueConstraint('rota_id', 'number', name=op.f('uq_rota_version_rota_id_number'))
    )
    with op.batch_alter_table('rota_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rota_version_rota_id'), ['rota_id'], unique=False)

    op.create_table('cover_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rota_id', sa.Integer(), nullable=False),
    sa.Column('rotation', sa.String(), nullable=False),
    sa.Column('shift_start', UtcDateTime(timezone=True), nullable=False),
    sa.Column('starts', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends', UtcDateTime(timezone=True), nullable=False),
    sa.Column('engineer_id', sa.Integer(), nullable=False),
    sa.Column('leave_id', sa.Integer(), nullable=True),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('asked_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('settled_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.String(), nullable=True),
    sa.Column('taker_id', sa.Integer(), nullable=True),
    sa.Column('override_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['engineer_id'], ['staff.id'], name=op.f('fk_cover_request_engineer_id_staff')),
    sa.ForeignKeyConstraint(['leave_id'], ['leave.id'], name=op.f('fk_cover_request_leave_id_leave')),
    sa.ForeignKeyConstraint(['override_id'], ['rota_override.id'], name=op.f('fk_cover_request_override_id_rota_override')),
    sa.ForeignKeyConstraint(['rota_id'], ['rota.id'], name=op.f('fk_cover_request_rota_id_rota')),
    sa.ForeignKeyConstraint(['taker_id'], ['staff.id'], name=op.f('fk_cover_request_taker_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cover_request'))
    )
    with op.batch_alter_table('cover_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cover_request_engineer_id'), ['engineer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_cover_request_leave_id'), ['leave_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_cover_request_rota_id'), ['rota_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_cover_request_state'), ['state'], unique=False)

    op.create_table('served_shift',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rota_id', sa.Integer(), nullable=False),
    sa.Column('lane', sa.String(), nullable=False),
    sa.Column('layer', sa.String(), nullable=False),
    sa.Column('shift_start', UtcDateTime(timezone=True), nullable=False),
    sa.Column('place', sa.Integer(), nullable=True),
    sa.Column('engineer', sa.String(), nullable=False),
    sa.Column('turn_of', sa.String(), nullable=False),
    sa.Column('starts', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends', UtcDateTime(timezone=True), nullable=False),
    sa.Column('override_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['override_id'], ['rota_override.id'], name=op.f('fk_served_shift_override_id_rota_override')),
    sa.ForeignKeyConstraint(['rota_id'], ['rota.id'], name=op.f('fk_served_shift_rota_id_rota')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_served_shift')),
    sa.UniqueConstraint('rota_id', 'lane', 'starts', name=op.f('uq_served_shift_rota_id_lane_starts'))
    )
    with op.batch_alter_table('served_shift', schema=None) as batch_op:
        batch_op.create_index('ix_served_shift_ends', ['ends'], unique=False)
        batch_op.create_index(batch_op.f('ix_served_shift_engineer'), ['engineer'], unique=False)
        batch_op.create_index(batch_op.f('ix_served_shift_rota_id'), ['rota_id'], unique=False)

    op.create_table('swap',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rota_id', sa.Integer(), nullable=False),
    sa.Column('rotation', sa.String(), nullable=False),
    sa.Column('shift_start', UtcDateTime(timezone=True), nullable=False),
    sa.Column('starts', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends', UtcDateTime(timezone=True), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('to_id', sa.Integer(), nullable=True),
    sa.Column('return_rotation', sa.String(), nullable=True),
    sa.Column('return_shift_start', UtcDateTime(timezone=True), nullable=True),
    sa.Column('return_starts', UtcDateTime(timezone=True), nullable=True),
    sa.Column('return_ends', UtcDateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=False),
    sa.Column('expires_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('declined', sa.JSON(), nullable=False),
    sa.Column('taker_id', sa.Integer(), nullable=True),
    sa.Column('settled_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.String(), nullable=True),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('override_id', sa.Integer(), nullable=True),
    sa.Column('return_override_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['override_id'], ['rota_override.id'], name=op.f('fk_swap_override_id_rota_override')),
    sa.ForeignKeyConstraint(['owner_id'], ['staff.id'], name=op.f('fk_swap_owner_id_staff')),
    sa.ForeignKeyConstraint(['return_override_id'], ['rota_override.id'], name=op.f('fk_swap_return_override_id_rota_override')),
    sa.ForeignKeyConstraint(['rota_id'], ['rota.id'], name=op.f('fk_swap_rota_id_rota')),
    sa.ForeignKeyConstraint(['taker_id'], ['staff.id'], name=op.f('fk_swap_taker_id_staff')),
    sa.ForeignKeyConstraint(['to_id'], ['staff.id'], name=op.f('fk_swap_to_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_swap'))
    )
    with op.batch_alter_table('swap', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_swap_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_swap_rota_id'), ['rota_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_swap_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_swap_taker_id'), ['taker_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_swap_to_id'), ['to_id'], unique=False)

    _keep_what_rotations_said()
    with op.batch_alter_table('rotation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rotation_rota_id'))

    op.drop_table('rotation')
    with op.batch_alter_table('rota_override', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rotation', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('below', sa.Boolean(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('who', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('made_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_by', sa.String(), nullable=True))

    op.create_table('feed_event',
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('uid', name=op.f('pk_feed_event'))
    )
    with op.batch_alter_table('feed_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feed_event_ends'), ['ends'], unique=False)

    op.create_table('feed_state',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('since', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed_state'))
    )
    op.create_table('subscription',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('feed', sa.String(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('made_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_subscription_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscription')),
    sa.UniqueConstraint('digest', name=op.f('uq_subscription_digest'))
    )
    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_subscription_staff_id'), ['staff_id'], unique=False)


def _keep_what_rotations_said() -> None:
    """Every rota gets a first version that says what its rotations said."""
    rotas = sa.table('rota', sa.column('id'))
    names = ('rota_id', 'layer', 'name', 'members', 'starts', 'ends', 'turn_days', 'zone', 'windows')
    kinds = {'members': sa.JSON(), 'windows': sa.JSON(), 'starts': sa.DateTime(), 'ends': sa.DateTime()}
    rotations = sa.table('rotation', sa.column('id'), *(sa.column(name, kinds.get(name)) for name in names))
    kept = sa.table(
        'rota_version',
        *(sa.column(name) for name in ('rota_id', 'number', 'who', 'note', 'reason')),
        *(sa.column(name, UtcDateTime()) for name in ('since', 'published_at')),
        *(sa.column(name, sa.JSON()) for name in ('document', 'hazards')),
    )
    connection = op.get_bind()
    for rota_id in connection.scalars(sa.select(rotas.c.id)).all():
        mine = sa.select(rotations).where(rotations.c.rota_id == rota_id).order_by(rotations.c.layer, rotations.c.id)
        rows = connection.execute(mine).all()
        version = dict(rota_id=rota_id, number=1, who='migration', note='', reason='', hazards=[])
        version |= dict(since=BEFORE, published_at=BEFORE, document=_document(rows))
        connection.execute(kept.insert(), version)


def _document(rows: list) -> dict:
    names = _names(rows)
    layers = [
        {'name': f'layer {number}', 'rotations': [_rotation(row, names[row.id], rows[0].zone) for row in inside]}
        for number, inside in groupby(rows, key=lambda row: row.layer)
    ]
    return {'zone': rows[0].zone if rows else 'UTC', 'layers': layers, 'covers': 'always', 'calendar': None}


def _names(rows: list) -> dict:
    # A name was the rotation's within its layer, and is now within the rota.
    names, taken = {}, set()
    for row in rows:
        names[row.id] = f'{row.name}, layer {row.layer}' if row.name in taken else row.name
        taken.add(row.name)
    return names


def _rotation(row: sa.Row, name: str, zone: str) -> dict:
    return {
        'name': name,
        'members': row.members,
        'starts': row.starts.isoformat(),
        'days': row.turn_days,
        'handoffs': [],
        'hours': [' to '.join(window) for window in row.windows],
        'ends': row.ends and row.ends.isoformat(),
        'advance': 'calendar',
        'shares': [],
        'zone': '' if row.zone == zone else row.zone,
    }


def downgrade() -> None:
    op.drop_table('subscription')
    op.drop_table('feed_state')
    op.drop_table('feed_event')

    with op.batch_alter_table('rota_override', schema=None) as batch_op:
        batch_op.drop_column('withdrawn_by')
        batch_op.drop_column('withdrawn_at')
        batch_op.drop_column('made_at')
        batch_op.drop_column('who')
        batch_op.drop_column('below')
        batch_op.drop_column('rotation')

    op.create_table('rotation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rota_id', sa.Integer(), nullable=False),
    sa.Column('layer', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('members', sa.JSON(), nullable=False),
    sa.Column('starts', sa.DateTime(), nullable=False),
    sa.Column('ends', sa.DateTime(), nullable=True),
    sa.Column('turn_days', sa.Integer(), nullable=False),
    sa.Column('zone', sa.String(), nullable=False),
    sa.Column('windows', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['rota_id'], ['rota.id'], name=op.f('fk_rotation_rota_id_rota')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rotation'))
    )
    with op.batch_alter_table('rotation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rotation_rota_id'), ['rota_id'], unique=False)

    with op.batch_alter_table('swap', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_swap_to_id'))
        batch_op.drop_index(batch_op.f('ix_swap_taker_id'))
        batch_op.drop_index(batch_op.f('ix_swap_state'))
        batch_op.drop_index(batch_op.f('ix_swap_rota_id'))
        batch_op.drop_index(batch_op.f('ix_swap_owner_id'))

    op.drop_table('swap')
    with op.batch_alter_table('served_shift', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_served_shift_rota_id'))
        batch_op.drop_index(batch_op.f('ix_served_shift_engineer'))
        batch_op.drop_index('ix_served_shift_ends')

    op.drop_table('served_shift')
    with op.batch_alter_table('cover_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cover_request_state'))
        batch_op.drop_index(batch_op.f('ix_cover_request_rota_id'))
        batch_op.drop_index(batch_op.f('ix_cover_request_leave_id'))
        batch_op.drop_index(batch_op.f('ix_cover_request_engineer_id'))

    op.drop_table('cover_request')
    with op.batch_alter_table('rota_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rota_version_rota_id'))

    op.drop_table('rota_version')
    op.drop_table('recorded_until')
    with op.batch_alter_table('leave_calendar', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_leave_calendar_staff_id'))

    op.drop_table('leave_calendar')
    with op.batch_alter_table('leave', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_leave_staff_id'))

    op.drop_table('leave')
    op.drop_table('readiness_report')
