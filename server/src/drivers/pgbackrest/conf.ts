import { join } from 'node:path'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import type { Place } from '../../data/places/place.ts'
import type { Target } from '../../data/repositories/physical.ts'
import { iniValue, quoteRestoreCommand } from '../../kernel/quote.ts'
import type { Secret } from '../../kernel/secret.ts'

/** How much finished WAL may wait for an unreachable place. Beyond this it is dropped, and the gap is reported. */
const QUEUE = '4GB'

/** How long a segment that is fetched ahead is waited for. From a folder it takes a second at most. */
const FETCHED_AHEAD_SECONDS = { folder: 5, s3: 20 }

interface Configuration {
  /** What pgBackRest calls the cluster: the name of the app. */
  stanza: string
  places: readonly Place[]
  cluster: ClusterPlace
  passphrase: Secret
  /** Folder for its locks, spool and logs. */
  work: string
  /** Name of the lock folder. Commands with the same one exclude each other; archiving has its own. */
  lock: string
  /** How many processes work at once. */
  processes: number
}

/** The text of the configuration file. Nothing expires by itself: a plan decides and shows what is removed. */
export function configuration(wanted: Configuration): string {
  const { stanza, places, cluster, passphrase, work, lock, processes } = wanted
  const repositories = places.flatMap((place, i) => repository(place, `repo${i + 1}`, passphrase))
  return `${[
    '[global]',
    ...repositories,
    `log-path=${iniValue(join(work, 'log'))}`,
    `lock-path=${iniValue(join(work, 'lock', lock))}`,
    `spool-path=${iniValue(join(work, 'spool'))}`,
    'log-level-file=off',
    'archive-async=y',
    `archive-push-queue-max=${QUEUE}`,
    'compress-type=zst',
    'compress-level=1',
    `process-max=${processes}`,
    'start-fast=y',
    'expire-auto=n',
    'io-timeout=10',
    // A second try helps with a network, but not with a disk that returned a wrong byte.
    `job-retry=${places.every(place => place.kind === 'folder') ? 1 : 2}`,
    '',
    `[${stanza}]`,
    `pg1-path=${iniValue(cluster.data)}`,
    `pg1-port=${cluster.port}`,
    `pg1-socket-path=${iniValue(cluster.socketFolder)}`,
    `pg1-user=${iniValue(cluster.user)}`,
    'pg1-database=postgres',
  ].join('\n')}\n`
}

function repository(place: Place, repo: string, passphrase: Secret): string[] {
  const line = (key: string, value: string) => `${repo}-${key}=${iniValue(value)}`
  const shared = [
    line('cipher-type', 'aes-256-cbc'),
    line('cipher-pass', passphrase.reveal()),
    line('retention-full', '9999999'),
  ]
  if (place.kind === 'folder') return [line('path', join(place.path, 'pgbackrest')), ...shared]
  const { hostname, port } = new URL(place.endpoint)
  return [
    line('type', 's3'),
    line('path', `/${[place.prefix, 'pgbackrest'].filter(Boolean).join('/')}`),
    line('s3-bucket', place.bucket),
    line('s3-endpoint', hostname),
    line('s3-region', place.region),
    line('s3-key', place.keyId),
    line('s3-key-secret', place.secret.reveal()),
    line('s3-uri-style', 'path'),
    ...(port === '' ? [] : [line('storage-port', port)]),
    ...(place.ca === null ? [] : [line('storage-ca-file', place.ca)]),
    ...shared,
  ]
}

/**
 * The restore_command of a restored cluster. pgBackRest exits with 1 when there is no such segment, and with another
 * code when the place could not be read. PostgreSQL takes every code up to 125 for the end of the WAL, and would open
 * with a part of it, so other codes become 126. Segments are fetched ahead by a process in the background. When that one
 * fails, or says nothing in time, as it did now and then on a busy machine, the segment is fetched directly. Segments
 * that were never archived may have been streamed to folders that `received` links to; an unreadable folder there must
 * not count as the end of the WAL either. A .partial file that is shorter than a segment was never written to. A % of
 * the shell's is written as %%: since 16, PostgreSQL refuses placeholders that it does not know.
 */
export function restoreCommand(
  stanza: string,
  place: Place['kind'],
  { conf, data, received }: Record<'conf' | 'data' | 'received', string>,
): string {
  const [config, path, links] = [`--config=${conf}`, `--pg1-path=${data}`, received].map(quoteRestoreCommand)
  const get = (how: string) => `pgbackrest ${config} ${path} --stanza=${stanza} ${how} archive-get %f "%p"`
  return [
    `${get(`--archive-timeout=${FETCHED_AHEAD_SECONDS[place]}`)} && exit 0`,
    `[ $? = 1 ] || { ${get('--no-archive-async')} && exit 0; [ $? = 1 ] || exit 126; }`,
    `for d in ${links}/*; do [ -L "$d" ] && { ls "$d/" >/dev/null || exit 126; }; done`,
    `for f in ${links}/*/*/%f.partial; do [ -e "$f" ] && [ $(stat -c %%s "$f") = 16777216 ] && { [ -z "$last" ] || [ "$f" -nt "$last" ]; } && last=$f; done`,
    `for f in ${links}/*/*/%f; do [ -e "$f" ] && last=$f; done`,
    '[ -n "$last" ] || exit 1',
    'cp "$last" "%p" || exit 126',
  ].join('; ')
}

/** Options of `restore` for a target. Times contain their offset, so that no time zone of the system matters. */
export function targetOptions(target: Target): string[] {
  const promote = '--target-action=promote'
  if (target.kind === 'latest') return target.backup === null ? [] : [`--set=${target.backup}`]
  if (target.kind === 'backup') return ['--type=immediate', `--set=${target.label}`, promote]
  const where = [`--target-timeline=${target.timeline}`, promote]
  if (target.kind === 'point')
    return [
      '--type=name',
      `--target=${target.name}`,
      ...(target.backup === null ? [] : [`--set=${target.backup}`]),
      ...where,
    ]
  const text = new Date(target.at).toISOString().replace('T', ' ').replace('Z', '+00')
  return ['--type=time', `--target=${text}`, `--set=${target.backup}`, ...where]
}
