import { join } from 'node:path'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import type { Place } from '../../data/places/place.ts'
import { quoteShell } from '../../kernel/quote.ts'
import type { Secret } from '../../kernel/secret.ts'
import { configuration, restoreCommand, STANZA } from './conf.ts'

const TARGET = '/var/lib/postgresql/restored'
const CONF = '/etc/innkeeper-restore.conf'

interface Own {
  /** null: no cluster runs here. */
  cluster: ClusterPlace | null
  /** Folders that its WAL may be streamed to. */
  received: readonly string[]
}

/** Shell lines that restore the backups at a place with only pgBackRest, PostgreSQL and restic. */
export function byHand(place: Place, passphrase: Secret, { cluster, received }: Own): string {
  return [
    ...(cluster === null ? [] : clusterByHand(place, passphrase, { cluster, received })),
    ...filesByHand(place, passphrase),
  ].join('\n')
}

function clusterByHand(
  place: Place,
  passphrase: Secret,
  { cluster, received: folders }: { cluster: ClusterPlace; received: readonly string[] },
): string[] {
  const work = '/tmp/innkeeper-restore'
  const received = join(work, 'received')
  const conf = configuration({
    places: [place],
    cluster: { ...cluster, data: TARGET, socketFolder: '/tmp', port: 5432 },
    passphrase,
    work,
    lock: 'restore',
    processes: 2,
  })
  const br = `pgbackrest --config=${CONF} --stanza=${STANZA}`
  return [
    `# Databases: as root, with pgBackRest and PostgreSQL ${cluster.major}; all to their last archived moment.`,
    `install -m 600 -o postgres /dev/stdin ${CONF} <<'CONF'`,
    conf.trimEnd(),
    '[global:restore]',
    `recovery-option=restore_command=${restoreCommand(CONF, TARGET, received)}`,
    'CONF',
    `install -d -m 700 -o postgres ${TARGET} ${['log', 'lock', 'lock/restore', 'spool'].map(part => join(work, part)).join(' ')}`,
    `mkdir -p ${received}`,
    ...folders.map(
      (folder, n) =>
        `[ ! -d ${quoteShell(folder)} ] || ln -sfn ${quoteShell(folder)} ${join(received, String(n))}`,
    ),
    `su postgres -s /bin/sh -c '${br} info'`,
    `su postgres -s /bin/sh -c '${br} --archive-mode=off restore'`,
    `# For another moment: --type=time --target="2026-11-20 10:00:00+00" --target-action=promote`,
    `su postgres -s /bin/sh -c '${cluster.bin}/pg_ctl -w -t 86400 -D ${TARGET} -l ${TARGET}/startup.log -o "-p 5432 -k /tmp -c hot_standby=off -c synchronous_standby_names=" start'`,
    '# It refuses everybody until it has replayed the whole log.',
    `until ${cluster.bin}/pg_isready -q -h /tmp -p 5432; do sleep 1; done`,
    `# The superuser is ${cluster.user}; its password is in postgres-password of the snapshot keeper/state below.`,
    '',
  ]
}

function filesByHand(place: Place, passphrase: Secret): string[] {
  const given = (name: string, value: string) => `export ${name}=${quoteShell(value)}`
  const own =
    place.kind === 'folder'
      ? [given('RESTIC_REPOSITORY', join(place.path, 'restic'))]
      : [
          given(
            'RESTIC_REPOSITORY',
            `s3:${place.endpoint}/${[place.bucket, place.prefix, 'restic'].filter(Boolean).join('/')}`,
          ),
          given('AWS_ACCESS_KEY_ID', place.keyId),
          given('AWS_SECRET_ACCESS_KEY', place.secret.reveal()),
          given('AWS_DEFAULT_REGION', place.region),
        ]
  const restic =
    place.kind === 's3' && place.ca !== null ? `restic --cacert ${quoteShell(place.ca)}` : 'restic'
  return [
    '# Files, Redis, releases and the keeper: with restic. The host says what a snapshot is of: APP/files, APP/redis,',
    '# APP/releases, APP/dump, keeper/state. One without the tag whole was cut off: leave it.',
    ...own,
    given('RESTIC_PASSWORD', passphrase.reveal()),
    `${restic} snapshots --tag whole`,
    `${restic} restore latest --tag whole --host APP/files --target /tmp/restored --verify`,
  ]
}
