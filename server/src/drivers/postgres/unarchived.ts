import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execOk } from '../host/exec.ts'
import { majorIn, type Place, programsOf } from './create.ts'

/**
 * The files of the write-ahead log of a stopped data folder that were not archived yet, oldest first. The segment in
 * which it stopped is among them: nobody else would archive it, because the files begin a new timeline when they serve
 * again. Later segments are empty ones that PostgreSQL keeps ready.
 */
export async function unarchived({ account }: Pick<Place, 'account'>, data: string): Promise<string[]> {
  const wal = join(data, 'pg_wal')
  const status = await readdir(join(wal, 'archive_status')).catch(() => [])
  const done = new Set(status.flatMap(name => (name.endsWith('.done') ? [name.slice(0, -5)] : [])))
  const last = await lastSegment(data, await account())
  const names = (await readdir(wal)).filter(
    name => /^[0-9A-F]{8}\.history$/.test(name) || (/^[0-9A-F]{24}$/.test(name) && isOf(name, last)),
  )
  return names
    .filter(name => !done.has(name))
    .toSorted()
    .map(name => join(wal, name))
}

/** Whether a segment is of the timeline on which the files stopped, and not after their end. */
const isOf = (name: string, last: string): boolean => name.slice(0, 8) === last.slice(0, 8) && name <= last

/** The segment with the last checkpoint: of files that were stopped cleanly, it is the last one. */
async function lastSegment(data: string, user: Awaited<ReturnType<Place['account']>>): Promise<string> {
  const bin = await programsOf((await majorIn(data))!)
  const { stdout } = await execOk(
    {
      argv: [join(bin, 'pg_controldata'), '-D', data],
      user,
      cwd: '/',
      env: { LC_ALL: 'C' },
      timeoutMs: 60_000,
    },
    'reading where the files stopped',
  )
  return /^Latest checkpoint's REDO WAL file: +([0-9A-F]{24})/m.exec(stdout)?.[1] ?? ''
}
