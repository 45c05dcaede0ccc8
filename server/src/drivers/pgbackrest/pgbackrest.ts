import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Place } from '../../data/places/place.ts'
import { type Archive, type Past, type Physical, readHistory } from '../../data/repositories/physical.ts'
import { quoteRestoreCommand } from '../../kernel/quote.ts'
import { inTurns } from '../../kernel/turns.ts'
import { makeFolder, writeDurable } from '../host/files.ts'
import { type Calls, createCalls, LONGEST_MS } from './calls.ts'
import { type ConfFiles, confFiles, type Options } from './files.ts'
import { restore } from './restore.ts'
import { findings, MADE, newestOf, progressed, refused, toBackup, unpushed } from './says.ts'

/** What is not prepared by then is a fault that somebody must know. */
const PREPARED_SECONDS = 600

interface Tools {
  stanza: string
  files: ConfFiles
  calls: Calls
}

/** pgBackRest as the engine of physical backups. */
export function pgbackrest(options: Options): Physical {
  const files = confFiles(options)
  const { stanza } = options
  const tools: Tools = { stanza, files, calls: createCalls(options, files) }
  // One call after the other, because a timer and a run may prepare the same place at the same moment.
  const turn = inTurns()
  return {
    archiveCommand: () =>
      `${whilePrepared(files)}; [ -e ${quoteRestoreCommand(files.nowhere)} ] || pgbackrest ${quoteRestoreCommand(`--config=${files.shared}`)} --stanza=${stanza} archive-push %p`,
    prepare: place => turn(() => prepare(tools, place)),
    async archiveTo(places) {
      if (places.length === 0) await rm(files.shared, { force: true })
      else await files.write(files.shared, places)
      await rm(files.nowhere, { force: true })
    },
    async archiveNowhere() {
      await makeFolder(dirname(files.nowhere))
      await writeDurable(files.nowhere, '')
    },
    archiveFiles: (paths, signal) => archiveFiles(tools, paths, signal),
    async list(place) {
      const info = await tools.calls.info(place)
      const own = info.backup.filter(b => b.database.id === newestOf(info)?.id)
      return own.map(b => toBackup(place, b)).sort((a, b) => a.endedAt - b.endedAt)
    },
    archive: place => archive(tools, place),
    arrivedAt: (place, segment) => arrivedAt(tools, place, segment),
    history: place => history(tools, place),
    take: order => take(tools, order, join(options.at, 'backup.pid')),
    expire: (place, labels, walOf) => expire(tools.calls, place, { labels, walOf }),
    listed: place => listed(tools, place),
    async verify(place, signal) {
      await files.writeOf(place)
      const done = await tools.calls.run({
        argv: ['verify', tools.calls.at(place), '--output=text', '--verbose', '--log-level-console=detail'],
        timeoutMs: LONGEST_MS,
        background: true,
        ...(signal === undefined ? {} : { signal }),
      })
      return findings(done)
    },
    restore: order => restore(tools, order),
  }
}

/**
 * Waits for the configuration, which comes when the first release serves. Without it each first deploy leaves errors in the
 * log that mean nothing. PostgreSQL calls this in its data folder; the eighth line of that file says whether it still runs,
 * the first its pid. After a kill what waits here would keep the next PostgreSQL from its start.
 */
const whilePrepared = ({ shared, nowhere }: Pick<ConfFiles, 'shared' | 'nowhere'>): string =>
  `n=0; until [ -e ${quoteRestoreCommand(shared)} ] || [ -e ${quoteRestoreCommand(nowhere)} ] || [ $n -ge ${PREPARED_SECONDS} ] || ! sed -n 8p postmaster.pid 2>/dev/null | grep -q ready || ! kill -0 $(sed -n 1p postmaster.pid) 2>/dev/null; do n=$((n+1)); sleep 1; done`

/** Without the help of a second process, which looks only at what PostgreSQL asks for. */
async function archiveFiles(
  { files, calls }: Tools,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  for (const path of paths) {
    // It takes only files below the data folder that it is told of.
    const data = `--pg1-path=${dirname(dirname(path))}`
    const argv = ['archive-push', `--config=${files.shared}`, data, '--no-archive-async', path]
    const done = await calls.run({ argv, ...(signal === undefined ? {} : { signal }) })
    if (done.code !== 0) throw unpushed(path, done.tail)
  }
}

async function prepare({ files, calls }: Tools, place: Place): Promise<void> {
  if (place.kind === 'folder') {
    await makeFolder(place.path)
    await files.ownFolder(join(place.path, 'pgbackrest'))
  }
  await files.writeOf(place)
  // Asked first, because stanza-create needs the lock that a backup under way holds.
  const info = await calls.info(place)
  const what = 'the place could not be made ready'
  if (info.repo.length === 0 || !info.repo.every(({ status }) => MADE.has(status.code)))
    return void (await calls.ok({ argv: ['stanza-create', calls.at(place)], asks: true }, place, what))
  // A cluster that was made anew under the same name: its backups and those of the earlier one are kept apart.
  if (String(newestOf(info)?.['system-id']) !== (await calls.systemId()))
    await calls.ok({ argv: ['stanza-upgrade', calls.at(place)], asks: true }, place, what)
}

/** The folder of the log at a place; null: there is none yet. */
async function archiveFolder({ stanza, calls }: Tools, place: Place): Promise<string | null> {
  const info = await calls.info(place)
  const id = info.archive.findLast(one => one.database.id === newestOf(info)?.id)?.id
  return id === undefined ? null : `archive/${stanza}/${id}`
}

async function history(tools: Tools, place: Place): Promise<Past[]> {
  const { calls } = tools
  const folder = await archiveFolder(tools, place)
  if (folder === null) return []
  const quiet = [calls.at(place), '--log-level-console=error']
  const names = await calls.ok(
    { argv: ['repo-ls', ...quiet, '--filter=^[0-9A-F]{8}\\.history$', folder] },
    place,
    'the archive cannot be listed',
  )
  const newest = names.stdout.trim().split('\n').sort().at(-1)
  if (newest === undefined || newest === '') return []
  const file = { argv: ['repo-get', ...quiet, `${folder}/${newest}`] }
  return readHistory(newest, (await calls.ok(file, place, `${newest} cannot be read`)).stdout)
}

async function archive(tools: Tools, place: Place): Promise<Archive> {
  const { calls } = tools
  const folder = await archiveFolder(tools, place)
  if (folder === null) return { segments: [] }
  const argv = ['repo-ls', calls.at(place), '--recurse', folder, '--log-level-console=error']
  const names = new Set<string>()
  const onLine = (line: string): void => {
    const name = /\/([0-9A-F]{24})-[0-9a-f]{40}/.exec(line)?.[1]
    if (name !== undefined) names.add(name)
  }
  // Read line by line: the segments of a busy month are more than exec keeps of an output.
  await calls.ok({ argv, onLine }, place, 'the archive cannot be listed')
  return { segments: [...names].sort() }
}

/** Only the folder of the segment is listed, with at most 256 of them: the times of a whole archive are one long line. */
async function arrivedAt(tools: Tools, place: Place, segment: string): Promise<number | null> {
  const { calls } = tools
  const folder = await archiveFolder(tools, place)
  if (folder === null) return null
  const argv = ['repo-ls', calls.at(place), '--output=json', '--log-level-console=error']
  const listed = { argv: [...argv, `--filter=^${segment}-`, `${folder}/${segment.slice(0, 16)}`] }
  const { stdout } = await calls.ok(listed, place, 'the archive cannot be listed')
  const [file] = Object.values(JSON.parse(stdout) as Record<string, { type: string; time?: number }>).filter(
    ({ type }) => type === 'file',
  )
  return file?.time === undefined ? null : file.time * 1000
}

/** Asked of the place itself: `info` and `verify` believe a list that says which backups there are. */
async function listed({ stanza, files, calls }: Tools, place: Place): Promise<string[]> {
  await files.ensure(place)
  const argv = ['repo-ls', calls.at(place), '--recurse', '--log-level-console=error']
  const { stdout } = await calls.ok(
    { argv: [...argv, '--filter=/backup\\.manifest$', `backup/${stanza}`] },
    place,
    'the backups cannot be listed',
  )
  return [...stdout.matchAll(/^(\S+)\/backup\.manifest$/gm)].map(found => found[1]!)
}

async function take(
  { files, calls }: Tools,
  { place, kind, signal, onProgress }: Parameters<Physical['take']>[0],
  pidFile: string,
): Promise<string> {
  await files.writeOf(place)
  const total = { bytes: 0, done: 0 }
  const done = await calls.ok(
    {
      argv: ['backup', calls.at(place), `--type=${kind}`, '--log-level-console=detail'],
      timeoutMs: LONGEST_MS,
      asks: true,
      signal,
      background: true,
      pidFile,
      onLine: line => progressed(line, total, onProgress),
    },
    place,
    `the ${kind} backup failed`,
  )
  const label = /new backup label = (\S+)/.exec(done.tail)?.[1]
  if (label === undefined) throw refused(place, 'the backup ended without a label', done.tail)
  return label
}

async function expire(
  calls: Calls,
  place: Place,
  { labels, walOf }: { labels: readonly string[]; walOf: number },
): Promise<void> {
  const call = (argv: readonly string[], what: string) =>
    calls.ok({ argv: ['expire', calls.at(place), ...argv], timeoutMs: LONGEST_MS }, place, what)
  for (const label of labels) await call([`--set=${label}`], `${label} could not be removed`)
  await call(
    ['--repo1-retention-archive-type=incr', `--repo1-retention-archive=${walOf}`],
    'old write-ahead log could not be removed',
  )
}
