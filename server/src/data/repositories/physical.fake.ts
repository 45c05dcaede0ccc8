import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Place } from '../places/place.ts'
import {
  type Past,
  type Physical,
  type PhysicalBackup,
  position,
  type RestoreOrder,
  readHistory,
} from './physical.ts'

interface Options {
  /** Folder for the script that archives. */
  at: string
  cluster: ClusterPlace
  /** Runs a command as the user of PostgreSQL. Resolves with its output, rejects when it fails. */
  run(argv: readonly string[], signal?: AbortSignal): Promise<string>
}

/** The port over pg_basebackup and plain copies in folders, for tests of code that uses the port. A `diff` is another full backup. */
export function fakePhysical({ at, cluster, run }: Options): Physical {
  const tool = (name: string) => join(cluster.bin, name)
  const script = join(at, 'archive.sh')
  const folders = (place: Place) => {
    if (place.kind !== 'folder') throw new Error('the fake knows folders alone')
    return { log: join(place.path, 'log'), bases: join(place.path, 'base') }
  }

  async function list(place: Place): Promise<PhysicalBackup[]> {
    const { bases } = folders(place)
    const names = (await readdir(bases).catch(() => [])).filter(name => name.endsWith('.json')).sort()
    return Promise.all(
      names.map(async name => JSON.parse(await readFile(join(bases, name), 'utf8')) as PhysicalBackup),
    )
  }

  async function archive(place: Place): Promise<{ segments: string[] }> {
    const names = await readdir(folders(place).log).catch(() => [])
    return { segments: names.filter(name => /^[0-9A-F]{24}$/.test(name)).sort() }
  }

  async function history(place: Place): Promise<Past[]> {
    const { log } = folders(place)
    const names = await readdir(log).catch(() => [])
    const newest = names
      .filter(name => name.endsWith('.history'))
      .sort()
      .at(-1)
    return newest === undefined ? [] : readHistory(newest, await readFile(join(log, newest), 'utf8'))
  }

  async function take({ place, kind, signal }: Parameters<Physical['take']>[0]): Promise<string> {
    signal.throwIfAborted()
    const { bases } = folders(place)
    const before = await list(place)
    const label = `${String(before.length + 1).padStart(4, '0')}-${kind}`
    const into = join(bases, label)
    const startedAt = Date.now()
    const reach = ['-h', cluster.socketFolder, '-p', String(cluster.port), '-U', cluster.user]
    await run([tool('pg_basebackup'), ...reach, '-w', '-X', 'none', '-c', 'fast', '-D', into], signal)
    const told = await readFile(join(into, 'backup_label'), 'utf8')
    const bytes = Number((await run(['du', '-sb', into])).split('\t')[0])
    const backup: PhysicalBackup = {
      ...{ label, kind, place: place.name, startedAt, endedAt: Date.now(), bytes, storedBytes: bytes },
      prior: kind === 'diff' ? (before.findLast(b => b.kind === 'full')?.label ?? null) : null,
      firstSegment: /\(file ([0-9A-F]{24})\)/.exec(told)![1]!,
      lastSegment: /\(file ([0-9A-F]{24})\)/.exec(told)![1]!,
      end: position(/CHECKPOINT LOCATION: (\S+)/.exec(told)![1]!),
      error: false,
    }
    // Written last: without this file, the backup does not count.
    await writeFile(`${into}.json`, JSON.stringify(backup))
    return label
  }

  return {
    archiveCommand: () => `sh ${script} %p %f`,
    async prepare(place) {
      for (const folder of Object.values(folders(place))) await run(['mkdir', '-p', folder])
    },
    async archiveTo(places) {
      const lines = places
        .map(folders)
        .map(({ log }) => `cp $1 ${log}/.new && mv ${log}/.new ${log}/$2 || exit 1`)
      await writeFile(script, `${lines.join('\n')}\n`)
    },
    archiveNowhere: () => writeFile(script, 'true\n'),
    async archiveFiles(paths) {
      for (const path of paths) await run(['sh', script, path, basename(path)])
    },
    list,
    archive,
    arrivedAt: (place, segment) =>
      stat(join(folders(place).log, segment)).then(
        ({ mtimeMs }) => mtimeMs,
        () => null,
      ),
    history,
    take,
    async expire(place, labels, walOf) {
      const { bases, log } = folders(place)
      for (const label of labels)
        for (const path of [`${label}.json`, label])
          await rm(join(bases, path), { recursive: true, force: true })
      const oldest = (await list(place)).at(-walOf)?.firstSegment ?? ''
      for (const name of (await archive(place)).segments) if (name < oldest) await rm(join(log, name))
    },
    listed: async place => (await list(place)).map(backup => backup.label),
    async verify(place) {
      const checks = (await list(place)).map(({ label }) =>
        run([tool('pg_verifybackup'), '-n', join(folders(place).bases, label)]).then(
          () => [],
          (error: Error) => [{ what: error.message }],
        ),
      )
      return (await Promise.all(checks)).flat()
    },
    restore: order => restore(order),
  }

  async function restore({ place, target, into, scratch, received }: RestoreOrder) {
    const { bases, log } = folders(place)
    const label = ('backup' in target ? target.backup : 'label' in target ? target.label : null) ?? undefined
    const all = await list(place)
    const base = label === undefined ? all.at(-1) : all.find(b => b.label === label)
    if (base === undefined)
      throw new Failure('restore.target', `no backup at ${place.name} reaches that moment`, {
        why: `it has ${all.length}`,
        fix: 'take one',
      })
    await mkdir(scratch, { recursive: true })
    await run(['cp', '-a', join(bases, base.label), into])
    const streamed = (received ?? []).map(
      folder => ` || cp ${folder}/*/%f %p || cp ${folder}/*/%f.partial %p`,
    )
    const lines = [`restore_command = 'cp ${log}/%f %p${streamed.join('')}'`, ...targetOf(target)]
    await writeFile(join(into, 'postgresql.auto.conf'), `${lines.join('\n')}\n`)
    await writeFile(join(into, 'recovery.signal'), '')
    return { label: base.label, bytes: base.bytes }
  }
}

function targetOf(target: RestoreOrder['target']): string[] {
  if (target.kind === 'latest') return []
  const promote = `recovery_target_action = 'promote'`
  if (target.kind === 'backup') return [`recovery_target = 'immediate'`, promote]
  if (target.kind === 'point')
    return [
      `recovery_target_timeline = '${target.timeline}'`,
      `recovery_target_name = '${target.name}'`,
      promote,
    ]
  return [
    `recovery_target_timeline = '${target.timeline}'`,
    `recovery_target_time = '${new Date(target.at).toISOString().replace('T', ' ').replace('Z', '+00')}'`,
    promote,
  ]
}
