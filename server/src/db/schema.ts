import type { Generated, GeneratedAlways } from 'kysely'

/** The store's rows. Times are milliseconds since 1970; columns that say so hold JSON. */
export interface Tables {
  run: {
    id: string
    kind: string
    app: string | null
    plan: string
    actor: string
    state: string
    outcome: string | null
    failure: string | null
    leftover: string
    cancelled: number
    /** How often in a row the keeper died at the step where the run is. */
    deaths: Generated<number>
    started_at: number
    ended_at: number | null
  }
  run_step: { run: string; phase: string; ix: number; state: string; ms: number | null; note: string | null }
  lock: { name: string; run: string; since: number }
  /** live, warm: JSON service → {release, colour}; scale: JSON service → n. */
  app: {
    name: string
    port: number
    state: 'new' | 'running' | 'stopped'
    live: string
    warm: string
    scale: string
    /** JSON: where its first source came from; null: it was not said. */
    origin: string | null
    created_at: number
  }
  /** spec: JSON ReleaseSpec; env: JSON name → value; migrations: JSON names; build_key: see Release. */
  release: {
    app: string
    id: string
    number: number
    state: 'building' | 'ready' | 'failed' | 'pruned'
    actor: string
    source: string
    commit_line: string | null
    spec: string
    env: string
    migrations: string
    size_bytes: number | null
    build_key: string | null
    created_at: number
  }
  port: { port: number; owner: string }
  retirement: {
    app: string
    service: string
    colour: string
    release: string
    since: number
    warm_until: number
    drain_until: number
  }
  setting: { name: string; value: string }
  audit: {
    id: number
    at: number
    actor: string
    action: string
    app: string | null
    run: string | null
    detail: string
    outcome: string
    of: number | null
    hash: string
  }
  /**
   * key: the sign-in library's id; apps, verbs: JSON of what it is for, null: all; maker: the actor's id who made it (the
   * token ends with this actor); made_by: the maker's name at that time.
   */
  token: {
    key: string
    role: 'viewer' | 'operator' | 'admin'
    apps: string | null
    verbs: string | null
    maker: string | null
    made_by: string
  }
  /** person: the sign-in library's id. The role in all apps is the library's own column. */
  session_use: { session: string; used_at: number }
  /** credential: as the browser calls it; host: the name of the dashboard at which it signs in. */
  passkey_use: { credential: string; host: string; used_at: number | null }
  /** The passkey that a session has as its second factor. */
  passkey_session: { session: string; credential: string }
  app_role: { person: string; app: string; role: 'viewer' | 'operator' | 'admin' }
  traffic: {
    app: string
    at: number
    requests: number
    errors: number
    p50: number | null
    p95: number | null
  }
  /** releases: JSON app → release; parts: JSON list; manifest: JSON database → tables. */
  point: {
    name: string
    kind: 'schedule' | 'person' | 'deploy'
    app: string | null
    at: number
    segment: string | null
    state: 'taking' | 'good' | 'failed' | 'marked'
    reason: string | null
    releases: string
    parts: string
    manifest: string
    ended_at: number | null
    places: string
    missing: string
  }
  /** names, record: JSON of a swap; state: whether the earlier data is still kept. */
  restore: {
    id: Generated<number>
    app: string
    at: number
    names: string
    record: string
    state: 'kept' | 'undone' | 'discarded'
  }
  /** Timelines of the clusters' write-ahead logs. */
  timeline: {
    app: string
    timeline: number
    since: number
    parent: number
    moment: number
    lost: number | null
  }
  /** levels: JSON list. */
  drill: {
    id: string
    app: string
    point: string
    place: string
    state: 'running' | 'proven' | 'failed' | 'cancelled'
    levels: string
    rto_ms: number | null
    rpo_ms: number | null
    abandoned: string | null
    at: number
    ended_at: number | null
  }
  retention_receipt: {
    run: string
    app: string
    rule: string
    table_name: string
    action: 'archive' | 'delete' | 'anonymise'
    actor: string
    state: 'running' | 'done' | 'stopped' | 'failed'
    rows: number
    kept: number
    left_rows: number
    bytes: number
    more: number
    error: string | null
    started_at: number
    ended_at: number | null
  }
  retention_look: { app: string; rule: string; at: number }
  /** parts: JSON list of the snapshot at each place; left_lines: JSON list of numbers. */
  retention_archive: {
    app: string
    id: string
    rule: string
    run: string
    table_name: string
    at: number
    state: 'taking' | 'kept' | 'done' | 'expired'
    rows: number
    bytes: number
    sha256: string
    parts: string
    left_lines: string
  }
  /** until: when it will be removed; null while it is being made. */
  copy: {
    name: string
    run: string
    app: string
    says: string
    at: number
    port: number
    state: 'making' | 'open'
    made_at: number
    until: number | null
  }
  /** names: JSON list; chain, key: PEM; renewal: JSON, when the authority wants it to be renewed. */
  certificate: {
    app: string
    authority: string
    names: string
    chain: string
    key: string
    valid_from: number
    valid_to: number
    good_since: number
    renewal: string
  }
  /** names: JSON list; problems: JSON name → Problem. */
  certificate_attempt: {
    app: string
    authority: string
    names: string
    at: number
    failures: number
    next_at: number
    reason: string | null
    problems: string
  }
  /** tables: JSON list of differences. */
  comparison: { run: string; app: string; at: number; says: string; tables: string; made_at: number }
  /** settings: JSON without what is secret; secret: of the provider; suppressed: why the address takes nothing. */
  channel: {
    name: string
    kind: string
    settings: string
    secret: string
    instead: string | null
    instead_after_ms: number
    suppressed: string | null
    created_at: number
  }
  /** content: JSON; dispatch: with which it is sent, null: none yet; origin: the message of another channel that it stands for. */
  message: {
    id: Generated<number>
    channel: string
    content: string
    created_at: number
    /** Whom a letter is for; null: it is for whom the channel is for. */
    recipient: GeneratedAlways<string | null>
    dispatch: Generated<number | null>
    origin: Generated<number | null>
    passed_on: Generated<number>
  }
  /** One request to a provider, with one message or several; `dropped`: its channel was removed. */
  message_dispatch: {
    id: Generated<number>
    channel: string
    state: 'open' | 'sent' | 'dropped'
    next_at: number
    tries: number
    lease_by: string | null
    lease_until: number | null
    created_at: number
    ended_at: Generated<number | null>
    recipient: Generated<string | null>
  }
  /** Messages of apps. content: JSON, null as soon as it is not needed; message: in the ledger, null: not handed over yet. */
  outbox: {
    id: string
    app: string
    way: 'email' | 'telegram'
    channel: string
    template: string
    key: string | null
    digest: string
    recipient: string
    content: string | null
    size: number
    state: 'waiting' | 'handed' | 'sent' | 'bounced' | 'refused' | 'cancelled' | 'suppressed' | 'withheld'
    why: string | null
    send_at: number
    created_at: number
    ended_at: number | null
    message: number | null
  }
  /** Which app may send by which channel. */
  outbox_grant: { app: string; channel: string; per_day: number; by: string; at: number }
  /** files: JSON. */
  template_set: { source: string; files: string }
  /** Addresses that take no letters of a channel. */
  suppressed_address: { channel: string; address: string; at: number; why: string }
  /** outcome: null while it is under way, or when whoever made it did not live to note it. */
  message_attempt: {
    dispatch: number
    n: number
    at: number
    ms: Generated<number | null>
    outcome: Generated<string | null>
    said: Generated<string | null>
  }
  /** labels, annotations, openings, told, acked: JSON, as in watch/alerts/alert.ts. */
  alert: {
    source: string
    fingerprint: string
    labels: string
    annotations: string
    url: string | null
    state: 'firing' | 'over' | 'stopped'
    occurrence: string
    since: number
    updated_at: number
    starts_at: number | null
    ends_at: number | null
    over_at: number | null
    openings: string
    told: string
    acked: string
  }
  /** matchers: JSON list. */
  silence: {
    id: string
    matchers: string
    starts_at: number
    ends_at: number
    updated_at: number
    created_by: string
    comment: string
  }
  /** hours, weeks: JSON; see Route in watch/alerts/due.ts. */
  alert_route: {
    id: Generated<number>
    severity: 'late' | 'soon'
    channel: string
    after_ms: number
    hours: string
    weeks: string
    zone: string
  }
  incident: {
    id: Generated<number>
    app: string | null
    title: string
    severity: 'critical' | 'major' | 'minor'
    impact: string | null
    lead: string | null
    began_at: number
    opened_at: number
    opened_by: string
    acked_at: number | null
    acked_by: string | null
    resolved_at: number | null
    resolved_by: string | null
    requests: number
    errors: number
  }
  /** Which occurrences of alerts belong to which incident. */
  incident_alert: { occurrence: string; incident: number }
  /** What was said in public. components: a JSON list of their names on the page. */
  incident_update: {
    id: Generated<number>
    incident: number
    at: number
    who: string
    state: 'investigating' | 'identified' | 'monitoring' | 'resolved'
    title: string | null
    say: string
    components: string
  }
  /** How a component of a status page was on a day of UTC. until: what is before it was counted; the others but requests and errors: milliseconds. */
  status_day: {
    app: string
    component: string
    day: string
    until: number
    known: number
    down: number
    degraded: number
    maintenance: number
    requests: number
    errors: number
  }
  /** What the status page of an app told. key: what it is about. */
  status_news: { app: string; key: string; at: number; title: string; text: string }
  /** token: the digest of what confirms it, good until token_until. */
  subscriber: {
    id: Generated<number>
    app: string
    address: string
    created_at: number
    confirmed_at: number | null
    token: string | null
    token_until: number | null
  }
  /** key: what an entry of the timeline is about. */
  incident_entry: {
    incident: number
    key: string
    at: number
    kind: 'state' | 'alert' | 'change' | 'command' | 'told' | 'note' | 'public'
    who: string | null
    what: string
    detail: string | null
  }
  follow_up: {
    id: Generated<number>
    incident: number
    what: string
    due_at: number
    made_by: string
    done_at: number | null
    done_by: string | null
  }
  /** entry: the id of a command in the audit log; text: the end of what it printed. */
  command_output: { entry: number; at: number; text: string }
  /** allow, commands, told: JSON lists. */
  /** own: its text came with Innkeeper; occurrence: of the alert that began it. */
  runbook_walk: {
    id: Generated<number>
    app: string | null
    runbook: string
    own: number
    text: string
    incident: number | null
    made_by: string
    occurrence: string | null
    dry: number
    state: 'open' | 'done' | 'stopped'
    begun_at: number
    ended_at: number | null
  }
  /** Since when the repository of an app has a runbook. */
  runbook_seen: { app: string; runbook: string; since: number }
  /** filled: JSON name → value. */
  runbook_step: {
    walk: number
    ix: number
    state: string
    made_by: string | null
    at: number | null
    ms: number | null
    code: number | null
    output: string | null
    filled: string
  }
  maintenance: {
    id: Generated<number>
    app: string
    state: 'planned' | 'on' | 'over' | 'cancelled' | 'missed'
    begins_at: number
    ends_at: number
    text: string | null
    allow: string
    commands: string
    made_by: string
    told: string
    run: string | null
  }
  /** branches: JSON; forks: 0 or 1; secrets: JSON, what its provider signs with and the token. */
  connection: {
    id: string
    app: string
    provider: 'github' | 'gitlab' | 'gitea' | 'forgejo'
    repository: string
    api: string
    branches: string
    forks: number
    secrets: string
    made_by: string
    created_at: number
  }
  /** app: the key of its preview; wanted: a commit, null: it is closed; told: a digest of what the comment says. */
  pull: {
    connection: string
    number: number
    app: string
    branch: string
    who: string
    wanted: string | null
    at: number
    state: 'building' | 'up' | 'failed' | 'removing' | 'removed'
    run: string | null
    said: string | null
    comment: string | null
    told: string | null
  }
  /** digest: of what was sent. */
  hook_delivery: { connection: string; digest: string; at: number }
  /** instance: '' where the probe asks none by itself. */
  /** A plan that people must approve. plan: JSON; given: JSON [{ id, name }]; asked_id, id: person:ID or token:ID; null: at the socket. */
  approval: {
    id: string
    app: string
    plan: string
    digest: string
    needed: number
    asked_by: string
    asked_id: string | null
    assistant: 0 | 1
    role: 'viewer' | 'operator' | 'admin'
    asked_at: number
    ends_at: number
    given: string
    state: 'waiting' | 'begun' | 'refused'
    refused_by: string | null
    run: string | null
  }
  /** due_at: up to when reports of the period were looked after. */
  report_told: { period: 'day' | 'week' | 'month'; due_at: number }
  failing_probe: { app: string; name: string; instance: string; since: number; said: string }
  /** since: from when it is waited for; null: it is not. ended_at: the last good end; code: the exit status of the last failure. */
  checkin: {
    app: string
    name: string
    since: number | null
    ended_at: number | null
    started_at: number | null
    failed_at: number | null
    code: number | null
  }
  /** schedule: the pattern with its time zone. */
  job: {
    app: string
    name: string
    schedule: string
    decided_to: number | null
    since: number | null
    good_at: number | null
    failed: string | null
    paused_at: number | null
    paused_by: string | null
  }
  job_run: {
    id: string
    app: string
    job: string
    moment: number
    cause: string
    actor: string | null
    state: string
    release: string | null
    attempt: number
    started_at: number | null
    ended_at: number | null
    retry_at: number | null
    code: number | null
    why: string | null
    first: number | null
    count: number
    kept: number
  }
  /** since: when this release was first seen to serve. */
  statement_watch: { app: string; release: string; since: number }
  /** id: PostgreSQL's own, of a statement without its values; calls: as it counted them; asked_at: when that was last seen to grow. */
  statement_use: { app: string; id: string; calls: number; asked_at: number | null }
  /** id: of its run; report: JSON of what it showed. */
  rehearsal: { id: string; app: string; upload: string; at: number; says: string; report: string }
  /** hour: its first millisecond. */
  job_past: { app: string; job: string; hour: number; state: string; n: number }
}
