"""The first release."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('attempts',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('since', UtcDateTime(timezone=True), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_attempts'))
    )
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attempts_since'), ['since'], unique=False)

    op.create_table('blocked_number',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_blocked_number')),
    sa.UniqueConstraint('number', name=op.f('uq_blocked_number_number'))
    )
    op.create_table('business_hours',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('zone', sa.String(), nullable=False),
    sa.Column('week', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_business_hours')),
    sa.UniqueConstraint('name', name=op.f('uq_business_hours_name'))
    )
    op.create_table('chore',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('done_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('worker', sa.String(), nullable=True),
    sa.Column('leased_until', UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_chore'))
    )
    op.create_table('customer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer')),
    sa.UniqueConstraint('code', name=op.f('uq_customer_code'))
    )
    op.create_table('hunt_group',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('members', sa.JSON(), nullable=False),
    sa.Column('ring_seconds', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hunt_group')),
    sa.UniqueConstraint('name', name=op.f('uq_hunt_group_name'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('made_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('due_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('worker', sa.String(), nullable=True),
    sa.Column('leased_until', UtcDateTime(timezone=True), nullable=True),
    sa.Column('unsure', sa.Boolean(), nullable=False),
    sa.Column('reference', sa.String(), nullable=True),
    sa.Column('sent_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('report', sa.String(), nullable=True),
    sa.Column('error', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key')),
    sa.UniqueConstraint('reference', name=op.f('uq_outbox_reference'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_state_due_at', ['state', 'due_at'], unique=False)

    op.create_table('policy',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.Column('rounds', sa.Integer(), nullable=False),
    sa.Column('ring_seconds', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy')),
    sa.UniqueConstraint('name', name=op.f('uq_policy_name'))
    )
    op.create_table('prompt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_prompt')),
    sa.UniqueConstraint('language', 'key', 'version', name=op.f('uq_prompt_language_key_version'))
    )
    op.create_table('public_holiday',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('country', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('withdrawn', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_public_holiday')),
    sa.UniqueConstraint('day', 'country', name=op.f('uq_public_holiday_day_country'))
    )
    with op.batch_alter_table('public_holiday', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_public_holiday_day'), ['day'], unique=False)

    op.create_table('pulse',
    sa.Column('worker', sa.String(), nullable=False),
    sa.Column('started_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ticked_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('worker', name=op.f('pk_pulse'))
    )
    op.create_table('rota',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rota')),
    sa.UniqueConstraint('name', name=op.f('uq_rota_name'))
    )
    op.create_table('set_up_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_set_up_version'))
    )
    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=True),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('key', name=op.f('uq_staff_key'))
    )
    op.create_table('api_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('made_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('in_demo', sa.Boolean(), nullable=False),
    sa.Column('used_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['made_by_id'], ['staff.id'], name=op.f('fk_api_token_made_by_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('digest', name=op.f('uq_api_token_digest'))
    )
    op.create_table('audit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('who', sa.String(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_audit_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_staff_id'), ['staff_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_what'), ['what'], unique=False)

    op.create_table('closure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hours_id', sa.Integer(), nullable=False),
    sa.Column('starts', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends', UtcDateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['hours_id'], ['business_hours.id'], name=op.f('fk_closure_hours_id_business_hours')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closure'))
    )
    with op.batch_alter_table('closure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_closure_hours_id'), ['hours_id'], unique=False)

    op.create_table('contact',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=True),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('language', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_contact_customer_id_customer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact')),
    sa.UniqueConstraint('phone', name=op.f('uq_contact_phone'))
    )
    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contact_customer_id'), ['customer_id'], unique=False)

    op.create_table('contract',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('bands', sa.JSON(), nullable=False),
    sa.Column('needs_consent', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_contract_customer_id_customer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract')),
    sa.UniqueConstraint('customer_id', 'valid_from', name=op.f('uq_contract_customer_id_valid_from')),
    sa.UniqueConstraint('customer_id', 'version', name=op.f('uq_contract_customer_id_version'))
    )
    with op.batch_alter_table('contract', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_customer_id'), ['customer_id'], unique=False)

    op.create_table('credential',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_credential_staff_id_staff')),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_credential'))
    )
    op.create_table('line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('company', sa.String(), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('announcement', sa.String(), nullable=True),
    sa.Column('hours_id', sa.Integer(), nullable=False),
    sa.Column('hunt_group_id', sa.Integer(), nullable=False),
    sa.Column('policy_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['hours_id'], ['business_hours.id'], name=op.f('fk_line_hours_id_business_hours')),
    sa.ForeignKeyConstraint(['hunt_group_id'], ['hunt_group.id'], name=op.f('fk_line_hunt_group_id_hunt_group')),
    sa.ForeignKeyConstraint(['policy_id'], ['policy.id'], name=op.f('fk_line_policy_id_policy')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_line')),
    sa.UniqueConstraint('number', name=op.f('uq_line_number'))
    )
    op.create_table('password_link',
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_password_link_staff_id_staff')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_password_link'))
    )
    with op.batch_alter_table('password_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_password_link_staff_id'), ['staff_id'], unique=False)

    op.create_table('rota_override',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rota_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('instead_of_id', sa.Integer(), nullable=True),
    sa.Column('starts', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends', UtcDateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['instead_of_id'], ['staff.id'], name=op.f('fk_rota_override_instead_of_id_staff')),
    sa.ForeignKeyConstraint(['rota_id'], ['rota.id'], name=op.f('fk_rota_override_rota_id_rota')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_rota_override_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rota_override'))
    )
    with op.batch_alter_table('rota_override', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rota_override_rota_id'), ['rota_id'], unique=False)

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

    op.create_table('sign_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('began_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('seen_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('browser', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_sign_in_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in')),
    sa.UniqueConstraint('digest', name=op.f('uq_sign_in_digest'))
    )
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_staff_id'), ['staff_id'], unique=False)

    op.create_table('switch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hours_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('since', UtcDateTime(timezone=True), nullable=False),
    sa.Column('until', UtcDateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['hours_id'], ['business_hours.id'], name=op.f('fk_switch_hours_id_business_hours')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_switch'))
    )
    with op.batch_alter_table('switch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_switch_hours_id'), ['hours_id'], unique=False)

    op.create_table('verification',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('sent_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('verified_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_verification_staff_id_staff')),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_verification'))
    )
    op.create_table('ticket',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('priority', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('opened_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('caller', sa.String(), nullable=True),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('merged_into_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_ticket_contact_id_contact')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_ticket_customer_id_customer')),
    sa.ForeignKeyConstraint(['merged_into_id'], ['ticket.id'], name=op.f('fk_ticket_merged_into_id_ticket')),
    sa.ForeignKeyConstraint(['owner_id'], ['staff.id'], name=op.f('fk_ticket_owner_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket')),
    sa.UniqueConstraint('reference', name=op.f('uq_ticket_reference'))
    )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_caller_open', ['caller', 'state'], unique=False)
        batch_op.create_index('ix_ticket_customer_open', ['customer_id', 'state'], unique=False)

    op.create_table('call',
    sa.Column('sid', sa.String(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('opened_ticket_id', sa.Integer(), nullable=False),
    sa.Column('caller', sa.String(), nullable=True),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('started_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_heard_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('asked_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('consent', sa.Boolean(), nullable=True),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_call_contact_id_contact')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_call_customer_id_customer')),
    sa.ForeignKeyConstraint(['line_id'], ['line.id'], name=op.f('fk_call_line_id_line')),
    sa.ForeignKeyConstraint(['opened_ticket_id'], ['ticket.id'], name=op.f('fk_call_opened_ticket_id_ticket')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_call_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('sid', name=op.f('pk_call'))
    )
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_ticket_id'), ['ticket_id'], unique=False)
        batch_op.create_index('ix_call_unfinished', ['last_heard_at'], unique=False, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_event_staff_id_staff')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_event_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event'))
    )
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_event_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('page',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('call_sid', sa.String(), nullable=True),
    sa.Column('leg_sid', sa.String(), nullable=True),
    sa.Column('rang_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('leased_until', UtcDateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('declined_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('bridged', sa.Boolean(), nullable=True),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_page_staff_id_staff')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_page_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_page'))
    )
    with op.batch_alter_table('page', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_page_call_sid'), ['call_sid'], unique=False)
        batch_op.create_index(batch_op.f('ix_page_ticket_id'), ['ticket_id'], unique=False)
        batch_op.create_index('uq_page_open_staff_id', ['staff_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('work',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('starts', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends', UtcDateTime(timezone=True), nullable=False),
    sa.Column('office_seconds', sa.Integer(), nullable=False),
    sa.Column('weekday_after_hours_seconds', sa.Integer(), nullable=False),
    sa.Column('saturday_seconds', sa.Integer(), nullable=False),
    sa.Column('sunday_seconds', sa.Integer(), nullable=False),
    sa.Column('public_holiday_seconds', sa.Integer(), nullable=False),
    sa.Column('consent', sa.Boolean(), nullable=True),
    sa.Column('contract_version', sa.Integer(), nullable=True),
    sa.Column('versions', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('explanation', sa.String(), nullable=False),
    sa.Column('judged_at', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_work_customer_id_customer')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_work_staff_id_staff')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_work_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work')),
    sa.UniqueConstraint('source', name=op.f('uq_work_source'))
    )
    with op.batch_alter_table('work', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_work_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_staff_id'), ['staff_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('leg',
    sa.Column('sid', sa.String(), nullable=False),
    sa.Column('call_sid', sa.String(), nullable=False),
    sa.Column('page_id', sa.Integer(), nullable=True),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('ended_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['call_sid'], ['call.sid'], name=op.f('fk_leg_call_sid_call')),
    sa.ForeignKeyConstraint(['page_id'], ['page.id'], name=op.f('fk_leg_page_id_page')),
    sa.PrimaryKeyConstraint('sid', name=op.f('pk_leg'))
    )
    with op.batch_alter_table('leg', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_leg_call_sid'), ['call_sid'], unique=False)
        batch_op.create_index(batch_op.f('ix_leg_page_id'), ['page_id'], unique=False)

    op.create_table('recording',
    sa.Column('sid', sa.String(), nullable=False),
    sa.Column('call_sid', sa.String(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('taken_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('file', sa.String(), nullable=True),
    sa.Column('kept_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['call_sid'], ['call.sid'], name=op.f('fk_recording_call_sid_call')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_recording_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('sid', name=op.f('pk_recording'))
    )
    with op.batch_alter_table('recording', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recording_call_sid'), ['call_sid'], unique=False)
        batch_op.create_index(batch_op.f('ix_recording_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('visit',
    sa.Column('sid', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('call_sid', sa.String(), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('heard', sa.String(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('path', sa.JSON(), nullable=False),
    sa.Column('said', sa.JSON(), nullable=False),
    sa.Column('carried', sa.String(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('note', sa.String(), nullable=True),
    sa.Column('caller', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['call_sid'], ['call.sid'], name=op.f('fk_visit_call_sid_call')),
    sa.PrimaryKeyConstraint('sid', 'number', name=op.f('pk_visit'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_call_sid'), ['call_sid'], unique=False)
        batch_op.create_index('ix_visit_caller_note', ['note', 'caller', 'at'], unique=False)

    op.execute("INSERT INTO set_up_version (id, version) VALUES (1, 1)")


def downgrade() -> None:
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_caller_note')
        batch_op.drop_index(batch_op.f('ix_visit_call_sid'))

    op.drop_table('visit')
    with op.batch_alter_table('recording', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recording_ticket_id'))
        batch_op.drop_index(batch_op.f('ix_recording_call_sid'))

    op.drop_table('recording')
    with op.batch_alter_table('leg', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_leg_page_id'))
        batch_op.drop_index(batch_op.f('ix_leg_call_sid'))

    op.drop_table('leg')
    with op.batch_alter_table('work', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_work_ticket_id'))
        batch_op.drop_index(batch_op.f('ix_work_staff_id'))
        batch_op.drop_index(batch_op.f('ix_work_customer_id'))

    op.drop_table('work')
    with op.batch_alter_table('page', schema=None) as batch_op:
        batch_op.drop_index('uq_page_open_staff_id', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_page_ticket_id'))
        batch_op.drop_index(batch_op.f('ix_page_call_sid'))

    op.drop_table('page')
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_event_ticket_id'))

    op.drop_table('event')
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_index('ix_call_unfinished', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_call_ticket_id'))

    op.drop_table('call')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_customer_open')
        batch_op.drop_index('ix_ticket_caller_open')

    op.drop_table('ticket')
    op.drop_table('verification')
    with op.batch_alter_table('switch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_switch_hours_id'))

    op.drop_table('switch')
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_staff_id'))

    op.drop_table('sign_in')
    with op.batch_alter_table('rotation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rotation_rota_id'))

    op.drop_table('rotation')
    with op.batch_alter_table('rota_override', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rota_override_rota_id'))

    op.drop_table('rota_override')
    with op.batch_alter_table('password_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_password_link_staff_id'))

    op.drop_table('password_link')
    op.drop_table('line')
    op.drop_table('credential')
    with op.batch_alter_table('contract', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contract_customer_id'))

    op.drop_table('contract')
    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contact_customer_id'))

    op.drop_table('contact')
    with op.batch_alter_table('closure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_closure_hours_id'))

    op.drop_table('closure')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_what'))
        batch_op.drop_index(batch_op.f('ix_audit_staff_id'))

    op.drop_table('audit')
    op.drop_table('api_token')
    op.drop_table('staff')
    op.drop_table('set_up_version')
    op.drop_table('rota')
    op.drop_table('pulse')
    with op.batch_alter_table('public_holiday', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_public_holiday_day'))

    op.drop_table('public_holiday')
    op.drop_table('prompt')
    op.drop_table('policy')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_state_due_at')

    op.drop_table('outbox')
    op.drop_table('hunt_group')
    op.drop_table('customer')
    op.drop_table('chore')
    op.drop_table('business_hours')
    op.drop_table('blocked_number')
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attempts_since'))

    op.drop_table('attempts')
