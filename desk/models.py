"""Every module that stores something, imported so that the metadata is whole (migrations, rehearsals)."""

import desk.audit
import desk.chores
import desk.door.attempts
import desk.door.links
import desk.door.passwords
import desk.door.sessions
import desk.door.tokens
import desk.outbox
import desk.staff
import ivr.call
import ivr.line
import ivr.prompts
import ivr.recordings
import oncall.feed
import oncall.paging
import oncall.roster
import oncall.subscriptions
import oncall.verification
import sla.contract
import sla.holidays
import sla.hours
import sla.worklog
import tickets.people
import tickets.ticket
