import { join } from 'node:path'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import type { Place } from '../../data/places/place.ts'
import { quoteShell } from '../../kernel/quote.ts'
import type { Secret } from '../../kernel/secret.ts'
import { configuration, restoreCommand } from './conf.ts'

const TARGET = '/var/lib/postgresql/restored'
const CONF = '/etc/innkeeper-restore.conf'

/** The cluster of an app. */
interface Own {
  app: string
  cluster: ClusterPlace
  /** Folders that its WAL may be streamed to. */
  received: readonly string[]
}

/** Shell lines that restore the backups at a place with only pgBackRest, PostgreSQL and restic. `owners`: apps, and the keeper. */
export function byHand(
  place: Place,
  passphrase: Secret,
  { clusters, owners }: { clusters: readonly Own[]; owners: readonly string[] },
): string {
  return [
    ...clusters.flatMap(cluster => clusterByHand(place, passphrase, cluster)),
    ...filesByHand(place, passphrase, owners),
  ].join('\n')
}

function clusterByHand(place: Place, passphrase: Secret, { app, cluster, received: folders }: Own): string[] {
  const work = '/tmp/innkeeper-restore'
  const received = join(work, 'received')
  const conf = configuration({
    stanza: app,
    places: [place],
    cluster: { ...cluster, data: TARGET, socketFolder: '/tmp', port: 5432 },
    passphrase,
    work,
    lock: 'restore',
    processes: 2,
  })
  const br = `pgbackrest --config=${CONF} --stanza=${app}`
  return [
    `# The database of ${app}: as root, with pgBackRest and PostgreSQL ${cluster.major}; to its last archived moment.`,
    `install -m 600 -o postgres /dev/stdin ${CONF} <<'CONF'`,
    conf.trimEnd(),
    '[global:restore]',
    `recovery-option=restore_command=${restoreCommand(app, place.kind, { conf: CONF, data: TARGET, received })}`,
    'CONF',
    `install -d -m 700 -o postgres ${TARGET} ${['log', 'lock', 'lock/restore', 'spool'].map(part => join(work, part)).join(' ')}`,
    `mkdir -p ${received}`,
    ...folders.map(
      (folder, n) =>
        `[ ! -d ${quoteShell(folder)} ] || ln -sfn ${quoteShell(folder)} ${join(received, String(n))}`,
    ),
    `su postgres -s /bin/sh -c '${br} info'`,
    '# SET is the backup to begin from: empty for the newest, or a label of that list. PostgreSQL says "requested timeline … is not',
    `# a child of this server's history" where the server had returned to an earlier moment and the newest backup is of a time`,
    `# that it left: empty ${TARGET}, and take the one before it.`,
    'SET=',
    `su postgres -s /bin/sh -c "${br} \${SET:+--set=$SET} --archive-mode=off restore"`,
    '# For another moment, SET is a backup that had ended by then, and the line before has besides:',
    `# --type=time --target='2026-11-20 10:00:00+00' --target-action=promote`,
    `su postgres -s /bin/sh -c '${cluster.bin}/pg_ctl -w -t 86400 -D ${TARGET} -l ${TARGET}/startup.log -o "-p 5432 -k /tmp -c hot_standby=off -c synchronous_standby_names=" start'`,
    '# It refuses everybody until it has replayed the whole log.',
    `until ${cluster.bin}/pg_isready -q -h /tmp -p 5432; do sleep 1; done`,
    `# The superuser is ${cluster.user}; its password is in cluster.${app}.password of the snapshot keeper/state below.`,
    '',
  ]
}

function filesByHand(place: Place, passphrase: Secret, owners: readonly string[]): string[] {
  const given = (name: string, value: string) => `export ${name}=${quoteShell(value)}`
  const repository = (all: string) => `export RESTIC_REPOSITORY=${quoteShell(all)}/"$APP"`
  const own =
    place.kind === 'folder'
      ? [repository(join(place.path, 'restic'))]
      : [
          repository(
            `s3:${place.endpoint}/${[place.bucket, place.prefix, 'restic'].filter(Boolean).join('/')}`,
          ),
          given('AWS_ACCESS_KEY_ID', place.keyId),
          given('AWS_SECRET_ACCESS_KEY', place.secret.reveal()),
          given('AWS_DEFAULT_REGION', place.region),
        ]
  const restic =
    place.kind === 's3' && place.ca !== null ? `restic --cacert ${quoteShell(place.ca)}` : 'restic'
  return [
    `# Files, Redis, releases and the keeper: with restic. APP is one of ${owners.join(', ')}. The host says what a snapshot`,
    '# is of: APP/files, APP/redis, APP/releases, APP/dump, keeper/state. One without the tag whole was cut off: leave it.',
    `APP=${owners[0]}`,
    ...own,
    given('RESTIC_PASSWORD', passphrase.reveal()),
    `${restic} snapshots --tag whole`,
    `${restic} restore latest --tag whole --host "$APP/files" --target /tmp/restored --verify`,
  ]
}
