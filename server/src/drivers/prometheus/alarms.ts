import type { HOW_BAD } from '../../kernel/words.ts'

type Severity = (typeof HOW_BAD)[keyof typeof HOW_BAD]

/** An alarm that the keeper tells of by itself, without Prometheus. */
export interface KeeperAlarm {
  code: string
  /** Several: which one the case says, or the file. */
  severity: Severity | 'warning, then critical' | 'as `level:` says'
  means: string
}

/** By what they are about. A test compares the codes with those that stand in the sources. */
export const KEEPER_ALARMS: ReadonlyArray<{ about: string; alarms: readonly KeeperAlarm[] }> = [
  {
    about: 'Apps',
    alarms: [
      {
        code: 'app.down',
        severity: 'critical',
        means: 'no instance of a service works: all ended and do not come back, or fail their health',
      },
      {
        code: 'app.asleep',
        severity: 'critical',
        means: 'an app with `sleep:` did not start when somebody asked for it: visitors get 503',
      },
      {
        code: 'probe.failed',
        severity: 'as `level:` says',
        means: 'a probe failed as often in a row as its `failures:` says, three times without it',
      },
      { code: 'checkin.failed', severity: 'as `level:` says', means: 'a job said that it failed' },
      {
        code: 'checkin.missed',
        severity: 'as `level:` says',
        means: 'a job did not call when it was due, and its `grace:` is over; or it began and did not end',
      },
      {
        code: 'job.failed',
        severity: 'as `level:` says',
        means: 'a run of a job did not end well, nor did its retries, and none has since',
      },
      {
        code: 'job.missed',
        severity: 'as `level:` says',
        means: 'no run of a job has ended well when its `expect:` was over',
      },
      {
        code: 'outbox.late',
        severity: 'warning',
        means:
          'messages of an app should have gone a quarter of an hour ago and have not: its channel takes nothing, or was taken away',
      },
      {
        code: 'approval.waiting',
        severity: 'warning',
        means: 'a deploy or a promotion waits until somebody else has approved it',
      },
      {
        code: 'rebuild.failed',
        severity: 'warning',
        means: 'what serves does not come out of its source again: nobody could build it anew',
      },
    ],
  },
  {
    about: 'Databases and backups',
    alarms: [
      {
        code: 'database.sick',
        severity: 'critical',
        means:
          'what will stop writes: transaction numbers or a sequence near their end, or a setting that loses data; looked at each hour',
      },
      {
        code: 'database.gone',
        severity: 'critical',
        means: 'the files of the PostgreSQL of an app are not where they belong',
      },
      {
        code: 'backup.heartbeat',
        severity: 'critical',
        means: 'the PostgreSQL of an app cannot be written to for half a minute',
      },
      {
        code: 'backup.overdue',
        severity: 'critical',
        means: 'a place got no good backup of an app for 26 hours',
      },
      {
        code: 'backup.failing',
        severity: 'warning',
        means: 'the last tries to back up to a place failed, two at least',
      },
      { code: 'backup.part', severity: 'critical', means: 'the last backup lacks a part, such as a folder' },
      {
        code: 'backup.gap',
        severity: 'critical',
        means:
          'write-ahead log is missing: no moment after the gap can be restored until a new full backup is there',
      },
      {
        code: 'backup.lost',
        severity: 'critical',
        means: 'the newest backup cannot be restored, because a part of it is gone',
      },
      {
        code: 'backup.damaged',
        severity: 'critical',
        means: 'a verification of every stored byte found damage',
      },
      {
        code: 'backup.archive-lag',
        severity: 'critical',
        means:
          'write-ahead log is not archived, or later than five minutes: what was written since may be lost',
      },
      {
        code: 'backup.archiving-off',
        severity: 'critical',
        means: 'PostgreSQL runs without archiving its write-ahead log',
      },
      {
        code: 'backup.stream',
        severity: 'critical',
        means: 'the stream to the second place (`rpo: 0`) is cut: commits wait for it, or go on without it',
      },
      {
        code: 'backup.same-disk',
        severity: 'warning',
        means: 'the backups are on the disk of the database: if it fails, both are lost',
      },
      {
        code: 'backup.kit',
        severity: 'warning',
        means: 'nobody has confirmed that the recovery kit is kept elsewhere',
      },
      { code: 'drill.overdue', severity: 'critical', means: 'no restore was proven for eight days' },
      { code: 'drill.failed', severity: 'critical', means: 'the last rehearsal of a restore failed' },
      {
        code: 'retention.failing',
        severity: 'warning',
        means: 'a rule of `retention:` failed, or did not run in its time',
      },
    ],
  },
  {
    about: 'Certificates',
    alarms: [
      {
        code: 'certificate.expired',
        severity: 'critical',
        means: 'the certificate of an app is over, and browsers refuse it',
      },
      {
        code: 'certificate.renewal',
        severity: 'warning, then critical',
        means: 'it is not renewed when it should be; critical in the last sixth of its time',
      },
      { code: 'certificate.failed', severity: 'warning', means: 'an app has no certificate yet, and why' },
      {
        code: 'certificate.name',
        severity: 'warning',
        means: 'some of the domains of an app have no certificate',
      },
    ],
  },
  {
    about: 'The server',
    alarms: [
      {
        code: 'pooling.exhausted',
        severity: 'critical',
        means:
          'clients of an app have waited for five seconds and more for one of the connections of its pooler',
      },
      {
        code: 'part.down',
        severity: 'critical',
        means: 'the edge, or the PostgreSQL, PgBouncer or Redis of an app, ended or does not answer',
      },
      {
        code: 'disk.full',
        severity: 'warning, then critical',
        means: '95 % of a disk are taken; critical from 98 % on',
      },
      {
        code: 'run.stuck',
        severity: 'critical',
        means:
          'a change could neither be done nor undone: a person must act; over when another run of the app has ended',
      },
      {
        code: 'audit.broken',
        severity: 'critical',
        means: 'an entry of the audit log was changed, added or taken away by hand',
      },
      {
        code: 'secret.old',
        severity: 'warning',
        means: 'a secret has the same value for a quarter; it is told for a week, once in a quarter',
      },
      {
        code: 'secret.grace',
        severity: 'warning',
        means: 'services still get the earlier value of a secret, though its time is over',
      },
      {
        code: 'maintenance.failed',
        severity: 'critical',
        means:
          'a command of a maintenance failed, and visitors may still be kept out; told although alerts of the app are quiet',
      },
      {
        code: 'runbook.waiting',
        severity: 'warning',
        means: 'a runbook ran by itself, and came to what only a person can answer or decide',
      },
      {
        code: 'runbook.broken',
        severity: 'warning',
        means:
          'a runbook should have begun by itself, and could not: it is gone, cannot be walked, or is not marked safe',
      },
      {
        code: 'runbook.old',
        severity: 'warning',
        means: 'nobody has walked through a runbook of an app’s own for half a year',
      },
      {
        code: 'status-page.stuck',
        severity: 'warning',
        means:
          'the public status page of an app could not be written for two minutes: visitors see how it was',
      },
      {
        code: 'incident.open',
        severity: 'critical',
        means: 'a person opened an incident, and nobody has it in hand yet; of a minor one it is a warning',
      },
      {
        code: 'incident.quiet',
        severity: 'warning',
        means: 'an incident is open, and none of its alerts fires for an hour',
      },
      {
        code: 'incident.follow-up',
        severity: 'warning',
        means: 'what was to be done after an incident is not done on its day',
      },
      {
        code: 'people.review',
        severity: 'warning',
        means: 'nobody has looked for a month at who has access',
      },
      {
        code: 'walls.ports',
        severity: 'warning',
        means: 'this machine cannot keep an app from the port of another one',
      },
      {
        code: 'walls.mounts',
        severity: 'warning',
        means: 'this machine cannot hide the files and processes of apps from each other',
      },
    ],
  },
  {
    about: 'What watches, and who is told',
    alarms: [
      {
        code: 'channel.stuck',
        severity: 'critical',
        means: 'a channel delivers nothing for ten minutes; the others are told',
      },
      { code: 'channel.bounced', severity: 'warning', means: 'the address of a channel takes nothing' },
      {
        code: 'watchdog.unreachable',
        severity: 'warning',
        means: 'the address that notices when this server is dead cannot be called',
      },
      {
        code: 'alarms.unknown',
        severity: 'critical',
        means: 'a part does not say whether something is wrong with it',
      },
      {
        code: 'metrics.down',
        severity: 'warning',
        means: 'Prometheus does not answer, so nothing is measured and its rules watch nothing',
      },
      {
        code: 'metrics.stale',
        severity: 'warning',
        means: 'Prometheus has taken nothing new for two minutes',
      },
      {
        code: 'metrics.open',
        severity: 'warning',
        means: 'every program of this server can read what is measured, of all apps',
      },
    ],
  },
]

/** The tables of docs/alerts.md. */
export const alarmsTable = (): string =>
  KEEPER_ALARMS.map(({ about, alarms }) =>
    [
      `### ${about}`,
      '',
      '| alarm | severity | means |',
      '|---|---|---|',
      ...alarms.map(({ code, severity, means }) => `| \`${code}\` | ${severity} | ${means} |`),
    ].join('\n'),
  ).join('\n\n')
