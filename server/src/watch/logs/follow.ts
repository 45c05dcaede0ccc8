import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { headOf, type LogSource, parseLine, wanted } from './read.ts'
import type { LogFilter, LogLine } from './wire.ts'

/** How far a log has been read. The inode identifies the file, even after it was renamed by rotation. */
interface Position {
  inode: number
  offset: number
}

interface Follow {
  /** Called repeatedly, so that new instances are found. */
  sources: () => Promise<readonly LogSource[]>
  filter: LogFilter
  clock: Clock
  signal: AbortSignal
}

/** New lines of several logs as they come, also across rotation. */
export async function* followLogs({ sources, filter, clock, signal }: Follow): AsyncGenerator<LogLine[]> {
  const positions = new Map<string, Position>()
  for (const source of await sources()) positions.set(source.folder, await atEnd(source))
  while (!signal.aborted) {
    await clock.sleep(250)
    const fresh: LogLine[] = []
    for (const source of await sources()) {
      const position = positions.get(source.folder) ?? { inode: 0, offset: 0 }
      positions.set(source.folder, position)
      const lines = (await readOn(source.folder, position)).flatMap(raw => parseLine(raw, source) ?? [])
      const told = lines.map((line, i) => headOf(line, lines[i + 1]))
      fresh.push(...told.filter(line => wanted(line, filter, clock.now())))
    }
    if (fresh.length > 0) yield fresh.sort((a, b) => a.at.localeCompare(b.at))
  }
}

async function atEnd(source: LogSource): Promise<Position> {
  const info = await stat(join(source.folder, 'current')).catch(() => null)
  return { inode: info?.ino ?? 0, offset: info?.size ?? 0 }
}

/** Whole lines since the position, which is moved on. A file that was rotated away is read to its end first. */
async function readOn(folder: string, position: Position): Promise<string[]> {
  const current = await stat(join(folder, 'current')).catch(() => null)
  if (current === null) return []
  const lines: string[] = []
  if (current.ino !== position.inode) {
    const rotated = position.inode === 0 ? null : await byInode(folder, position.inode)
    if (rotated !== null) lines.push(...(await readFrom(rotated, position)))
    Object.assign(position, { inode: current.ino, offset: 0 })
  }
  lines.push(...(await readFrom(join(folder, 'current'), position)))
  return lines
}

async function byInode(folder: string, inode: number): Promise<string | null> {
  for (const name of await readdir(folder)) {
    if ((await stat(join(folder, name)).catch(() => null))?.ino === inode) return join(folder, name)
  }
  return null
}

async function readFrom(path: string, position: Position): Promise<string[]> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size <= position.offset) return []
    const buffer = Buffer.alloc(Math.min(size - position.offset, 4 * 1024 * 1024))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position.offset)
    const whole = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1
    position.offset += whole
    return buffer.subarray(0, whole).toString('utf8').split('\n').slice(0, -1)
  } finally {
    await file.close()
  }
}
