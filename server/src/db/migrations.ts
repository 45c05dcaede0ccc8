import type { DatabaseSync } from 'node:sqlite'

/** Migrations, applied in order, each once. After a release they are never edited; new ones are added at the end. */
const MIGRATIONS: readonly string[] = [
  `
  create table run (
    id text primary key, kind text not null, app text, plan text not null, actor text not null,
    state text not null, outcome text, failure text, leftover text not null default '[]',
    cancelled integer not null default 0, started_at integer not null, ended_at integer
  ) strict;
  create index run_by_app on run (app, started_at);
  create index run_open on run (state) where state <> 'ended';
  create table run_step (
    run text not null references run (id) on delete cascade, phase text not null, ix integer not null,
    state text not null, ms integer, note text, primary key (run, phase, ix)
  ) strict, without rowid;
  create table lock (name text primary key, run text not null references run (id) on delete cascade, since integer not null) strict;

  create table app (
    name text primary key, port integer not null, state text not null, live text not null, warm text not null,
    scale text not null, created_at integer not null
  ) strict;
  create table release (
    app text not null references app (name) on delete cascade, id text not null, number integer not null,
    state text not null, actor text not null, source text not null, commit_line text, spec text not null,
    env text not null, migrations text not null default '[]', size_bytes integer, created_at integer not null,
    primary key (app, id)
  ) strict;
  create table port (port integer primary key, owner text not null unique) strict;
  create table retirement (
    app text not null references app (name) on delete cascade, service text not null, colour text not null,
    release text not null, since integer not null, warm_until integer not null, drain_until integer not null,
    primary key (app, service, colour)
  ) strict;
  create table setting (name text primary key, value text not null) strict;
  create table audit (
    id integer primary key, at integer not null, actor text not null, action text not null, app text, run text,
    detail text not null, outcome text not null
  ) strict;
  create index audit_by_run on audit (run);
  create table traffic (
    app text not null, at integer not null, requests integer not null, errors integer not null,
    p50 real, p95 real, primary key (app, at)
  ) strict, without rowid;
  `,
  `
  create table point (
    name text primary key, kind text not null, app text, at integer not null, segment text, state text not null,
    reason text, releases text not null, parts text not null default '[]', manifest text not null default '{}', ended_at integer
  ) strict;
  create index point_by_at on point (at);
  create table restore (
    id integer primary key, app text not null, at integer not null, names text not null, record text not null,
    state text not null
  ) strict;
  `,
  `
  create table drill (
    id text primary key, app text not null, point text not null, place text not null, state text not null,
    levels text not null, rto_ms integer, rpo_ms integer, at integer not null, ended_at integer
  ) strict;
  `,
  `
  create table copy (
    name text primary key, run text not null, app text not null, says text not null, at integer not null,
    port integer not null, state text not null, made_at integer not null, until integer
  ) strict;
  create table comparison (
    run text primary key, app text not null, at integer not null, says text not null, tables text not null,
    made_at integer not null
  ) strict;
  `,
  `alter table point add column places text not null default '[]'`,
  `
  create table token (key text primary key, role text not null, maker text, made_by text not null) strict;
  create index token_by_maker on token (maker);
  `,
  `alter table point add column missing text not null default '[]'`,
  `
  create table alert (
    code text primary key, level text not null, what text not null, fix text not null, since integer not null
  ) strict;
  `,
  `
  create table timeline (
    app text not null, timeline integer not null, since integer not null, parent integer not null,
    moment integer not null, primary key (app, timeline)
  ) strict;
  `,
  `
  alter table run add column deaths integer not null default 0;
  alter table app add column origin text;
  `,
  `alter table release add column build_key text`,
  `alter table timeline add column lost integer`,
  `alter table drill add column abandoned text`,
  // What is asked for every few seconds is found without reading all of a table that grows for years.
  `
  drop index run_open;
  create index run_open on run (started_at) where state <> 'ended';
  create index run_open_by_app on run (app) where state <> 'ended';
  create index run_by_start on run (started_at);
  create index audit_by_app on audit (app);
  create index point_by_owner on point (app, at);
  create index traffic_by_at on traffic (at);
  `,
  `
  create table certificate (
    app text primary key, authority text not null, names text not null, chain text not null, key text not null,
    valid_from integer not null, valid_to integer not null, good_since integer not null, renewal text not null
  ) strict;
  create table certificate_attempt (
    app text primary key, authority text not null, names text not null, at integer not null, failures integer not null,
    next_at integer not null, reason text, problems text not null
  ) strict;
  `,
  `
  create table channel (
    name text primary key, kind text not null, settings text not null, secret text not null, instead text,
    instead_after_ms integer not null, suppressed text, created_at integer not null
  ) strict;
  create table message_dispatch (
    id integer primary key autoincrement, channel text not null, state text not null, next_at integer not null,
    tries integer not null, lease_by text, lease_until integer, created_at integer not null, ended_at integer
  ) strict;
  create index message_dispatch_open on message_dispatch (channel) where state = 'open';
  create index message_dispatch_by_end on message_dispatch (ended_at) where state <> 'open';
  create table message (
    id integer primary key autoincrement, channel text not null, content text not null, created_at integer not null,
    dispatch integer references message_dispatch (id), origin integer, passed_on integer not null default 0
  ) strict;
  create index message_waiting on message (channel) where dispatch is null;
  create index message_by_dispatch on message (dispatch);
  create table message_attempt (
    dispatch integer not null references message_dispatch (id) on delete cascade, n integer not null, at integer not null,
    ms integer, outcome text, said text, primary key (dispatch, n)
  ) strict, without rowid;
  create index message_attempt_by_at on message_attempt (at);
  `,
  // Alarms that were told of are told of once more: to channels, which there were none of.
  `
  drop table alert;
  create table alert (
    source text not null, fingerprint text not null, labels text not null, annotations text not null, url text,
    state text not null, incident text not null, since integer not null, updated_at integer not null, starts_at integer,
    ends_at integer, over_at integer, openings text not null, told text not null, acked text not null,
    primary key (source, fingerprint)
  ) strict;
  create index alert_by_end on alert (over_at) where over_at is not null;
  create table silence (
    id text primary key, matchers text not null, starts_at integer not null, ends_at integer not null,
    updated_at integer not null, created_by text not null, comment text not null
  ) strict;
  create table alert_route (
    id integer primary key autoincrement, severity text not null, channel text not null, after_ms integer not null,
    hours text not null, weeks text not null, zone text not null
  ) strict;
  `,
  // Probes that fail, so that a keeper that was started again knows of it; and what became of the jobs of apps.
  `
  create table failing_probe (
    app text not null, name text not null, instance text not null, since integer not null, said text not null,
    primary key (app, name, instance)
  ) strict, without rowid;
  create table checkin (
    app text not null, name text not null, since integer, ended_at integer, started_at integer, failed_at integer,
    code integer, primary key (app, name)
  ) strict, without rowid;
  `,
  // Entries of the audit log follow from each other. Those of before get their hashes when it is opened (reach/audit/audit.ts).
  `
  alter table audit add column of integer;
  alter table audit add column hash text not null default '';
  create index audit_by_end on audit (of) where of is not null;
  create index audit_by_action on audit (action, actor, at);
  create index run_stuck on run (outcome) where outcome = 'stuck';
  `,
  // Secrets are encrypted from here on (db/encrypt.ts). No table changes, but an earlier version could not read them.
  'select 1',
  // Roles in single apps, and tokens that are for some apps and commands. Whoever had a role before has it in all of them.
  `
  alter table token add column apps text;
  alter table token add column verbs text;
  create table app_role (
    person text not null, app text not null, role text not null, primary key (person, app)
  ) strict, without rowid;
  `,
  // When sessions were used last: the sign-in library writes only when they began.
  'create table session_use (session text primary key, used_at integer not null) strict, without rowid',
  `
  create table approval (
    id text primary key, app text not null, plan text not null, digest text not null, needed integer not null,
    asked_by text not null, asked_id text, asked_at integer not null, ends_at integer not null,
    given text not null, state text not null, refused_by text, run text
  ) strict, without rowid;
  `,
  // What assistants ask for, and the role that approving takes.
  `
  alter table approval add column assistant integer not null default 0;
  alter table approval add column role text not null default 'operator';
  `,
  // Repositories elsewhere whose pull requests become previews, and what their providers sent.
  `
  create table connection (
    id text primary key, app text not null unique, provider text not null, repository text not null, api text not null,
    branches text not null, forks integer not null, secrets text not null, made_by text not null,
    created_at integer not null
  ) strict;
  create table pull (
    connection text not null, number integer not null, app text not null, branch text not null, who text not null,
    wanted text, at integer not null, state text not null, run text, said text, comment text, told text,
    primary key (connection, number)
  ) strict, without rowid;
  create table hook_delivery (
    connection text not null, digest text not null, at integer not null, primary key (connection, digest)
  ) strict, without rowid;
  `,
  // An incident is more than one time that an alert fires, which is called an occurrence.
  'alter table alert rename column incident to occurrence',
  `
  create table incident (
    id integer primary key autoincrement, app text, title text not null, severity text not null, impact text, lead text,
    began_at integer not null, opened_at integer not null, opened_by text not null, acked_at integer, acked_by text,
    resolved_at integer, resolved_by text, requests integer not null, errors integer not null
  ) strict;
  create table incident_alert (
    occurrence text not null, incident integer not null references incident (id), primary key (occurrence, incident)
  ) strict, without rowid;
  create table incident_entry (
    incident integer not null references incident (id), key text not null, at integer not null, kind text not null,
    who text, what text not null, detail text, primary key (incident, key)
  ) strict, without rowid;
  create table follow_up (
    id integer primary key autoincrement, incident integer not null references incident (id), what text not null,
    due_at integer not null, made_by text not null, done_at integer, done_by text
  ) strict;
  create table command_output (
    entry integer primary key, at integer not null, text text not null
  ) strict;
  `,
  `
  create table maintenance (
    id integer primary key autoincrement, app text not null, state text not null, begins_at integer not null,
    ends_at integer not null, text text, allow text not null, commands text not null, made_by text not null,
    told text not null, run text
  ) strict;
  `,
  // At which dashboard each passkey signs in, when it last did, and which sessions have one as their second factor. The
  // passkeys themselves are in a table of the sign-in library.
  `
  create table passkey_use (credential text primary key, host text not null, used_at integer) strict, without rowid;
  create table passkey_session (session text primary key, credential text not null) strict, without rowid;
  `,
  // Jobs of apps. No two runs of a job have the same moment: that makes each run once.
  `
  create table job (
    app text not null, name text not null, schedule text not null, decided_to integer, since integer, good_at integer,
    failed text, paused_at integer, paused_by text, primary key (app, name)
  ) strict, without rowid;
  create table job_run (
    id text primary key, app text not null, job text not null, moment integer not null, cause text not null,
    actor text, state text not null, release text, attempt integer not null, started_at integer, ended_at integer,
    retry_at integer, code integer, why text, first integer, count integer not null,
    kept integer not null, unique (app, job, moment)
  ) strict, without rowid;
  create index job_run_state on job_run (state);
  `,
  'create table report_told (period text primary key, due_at integer not null) strict, without rowid',
  // Runbooks that people walk through, each with its text as it was at the beginning. No occurrence of an alert begins one twice.
  `
  create table runbook_walk (
    id integer primary key autoincrement, app text, runbook text not null, own integer not null, text text not null,
    incident integer, made_by text not null, occurrence text, dry integer not null, state text not null,
    begun_at integer not null, ended_at integer, unique (app, runbook, occurrence)
  ) strict;
  create table runbook_step (
    walk integer not null references runbook_walk (id), ix integer not null, state text not null, made_by text,
    at integer, ms integer, code integer, output text, filled text not null, primary key (walk, ix)
  ) strict, without rowid;
  create table runbook_seen (
    app text not null, runbook text not null, since integer not null, primary key (app, runbook)
  ) strict, without rowid;
  `,
  // Messages that name whom they are for, and addresses that bounced.
  `
  alter table message add column recipient text generated always as (json_extract(content, '$.letter.to')) virtual;
  alter table message_dispatch add column recipient text;
  create index message_to_recipient on message (channel, recipient) where dispatch is null and recipient is not null;
  create table suppressed_address (
    channel text not null, address text not null, at integer not null, why text not null, primary key (channel, address)
  ) strict, without rowid;
  `,
  // Status pages: what was said of incidents in public, how components were on each day, what was told of, and to whom.
  `
  create table incident_update (
    id integer primary key autoincrement, incident integer not null references incident (id), at integer not null,
    who text not null, state text not null, title text, say text not null, components text not null
  ) strict;
  create index incident_update_by_incident on incident_update (incident);
  create table status_day (
    app text not null, component text not null, day text not null, until integer not null, known integer not null,
    down integer not null, degraded integer not null, maintenance integer not null, requests integer not null,
    errors integer not null, primary key (app, component, day)
  ) strict, without rowid;
  create table status_news (
    app text not null, key text not null, at integer not null, title text not null, text text not null,
    primary key (app, key)
  ) strict, without rowid;
  create table subscriber (
    id integer primary key autoincrement, app text not null, address text not null, created_at integer not null,
    confirmed_at integer, token text, token_until integer, unique (app, address)
  ) strict;
  `,
  // Messages of apps to their own people, by which channels each app may send, and the templates of each source.
  `
  create table outbox (
    id text primary key, app text not null, way text not null, channel text not null, template text not null,
    key text, digest text not null, recipient text not null, content text, size integer not null, state text not null,
    why text, send_at integer not null, created_at integer not null, ended_at integer, message integer,
    unique (app, key)
  ) strict, without rowid;
  create index outbox_of_app on outbox (app, created_at);
  create index outbox_taken on outbox (app, channel, created_at);
  create index outbox_ended on outbox (ended_at, app, state);
  create index outbox_open on outbox (state, app, channel, send_at, size, ended_at) where ended_at is null;
  create table outbox_grant (
    app text not null, channel text not null, per_day integer not null, by text not null, at integer not null,
    primary key (app, channel)
  ) strict, without rowid;
  create table template_set (source text primary key, files text not null) strict, without rowid;
  `,
  // Which statements of each app's database were asked, and since which release.
  `
  create table statement_watch (app text primary key, release text not null, since integer not null) strict, without rowid;
  create table statement_use (
    app text not null, id text not null, calls real not null, asked_at integer, primary key (app, id)
  ) strict, without rowid;
  `,
  // What rehearsals of migrations showed.
  `
  create table rehearsal (
    id text primary key, app text not null, upload text not null, at integer not null, says text not null, report text not null
  ) strict, without rowid;
  create index rehearsal_of_app on rehearsal (app, at);
  `,
  // How many runs of jobs ended how in each hour, of those that are forgotten.
  `
  create table job_past (
    app text not null, job text not null, hour integer not null, state text not null, n integer not null,
    primary key (app, job, hour, state)
  ) strict, without rowid;
  `,
  // What retention did in databases of apps, and the archives that it made.
  `
  create table retention_receipt (
    run text not null, app text not null, rule text not null, table_name text not null, action text not null,
    actor text not null, state text not null, rows integer not null, kept integer not null, left_rows integer not null,
    bytes integer not null, more integer not null, error text, started_at integer not null, ended_at integer,
    primary key (run, rule)
  ) strict, without rowid;
  create index retention_receipt_of_app on retention_receipt (app, started_at);
  create table retention_archive (
    app text not null, id text not null, rule text not null, run text not null, table_name text not null,
    at integer not null, state text not null, rows integer not null, bytes integer not null, sha256 text not null,
    parts text not null, left_lines text not null, primary key (app, id)
  ) strict, without rowid;
  create table retention_look (
    app text not null, rule text not null, at integer not null, primary key (app, rule)
  ) strict, without rowid;
  `,
]

/** How many migrations were applied; `user_version` counts them. */
export const versionOf = (db: DatabaseSync): number =>
  (db.prepare('pragma user_version').get() as { user_version: number }).user_version

/** Whether migrations were applied that are not known here. */
export const newerThanKnown = (db: DatabaseSync): boolean => versionOf(db) > MIGRATIONS.length

/** Brings the schema to this version, or to an earlier one (`upTo`). */
export function migrate(db: DatabaseSync, upTo = MIGRATIONS.length): void {
  const applied = versionOf(db)
  for (const [at, sql] of MIGRATIONS.slice(0, upTo).entries()) {
    if (at < applied) continue
    try {
      db.exec(`begin; ${sql}; pragma user_version = ${at + 1}; commit`)
    } catch (error) {
      if (db.isTransaction) db.exec('rollback')
      throw error
    }
  }
}
