import { type FileHandle, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { blocksOf, endOf, listed, openRotated, type Position } from './files.ts'
import { headOf, type LogSource, parseLine, wanted } from './read.ts'
import type { LogFilter, LogLine } from './wire.ts'

interface Follow {
  /** Where each log ended when what was there before was read, by its folder. They are moved on. */
  positions: Map<string, Position>
  /** Called repeatedly, so that new instances are found. */
  sources: () => Promise<readonly LogSource[]>
  filter: LogFilter
  clock: Clock
  signal: AbortSignal
}

/** Where these logs end now. */
export async function endsOf(sources: readonly LogSource[]): Promise<Follow['positions']> {
  const ends = sources.map(async ({ folder }) => [folder, await endOf(folder)] as const)
  return new Map(await Promise.all(ends))
}

export async function closeAll(positions: Follow['positions']): Promise<void> {
  for (const { current } of positions.values()) await current?.close()
}

/** New lines of several logs as they come, also across rotation. */
export async function* followLogs({
  positions,
  sources,
  filter,
  clock,
  signal,
}: Follow): AsyncGenerator<LogLine[]> {
  while (!signal.aborted) {
    await clock.sleep(250)
    const fresh: LogLine[] = []
    for (const source of await sources()) {
      const position = positions.get(source.folder) ?? { current: null, offset: 0, rotated: [] }
      positions.set(source.folder, position)
      const lines = (await readOn(source.folder, position)).flatMap(raw => parseLine(raw, source) ?? [])
      const told = lines.map((line, i) => headOf(line, lines[i + 1]))
      fresh.push(...told.filter(line => wanted(line, filter, clock.now())))
    }
    if (fresh.length > 0) yield fresh.sort((a, b) => a.at.localeCompare(b.at))
  }
}

/** Whole lines since the position, which is moved on: the rest of its file, then those that were rotated after it. */
async function readOn(folder: string, position: Position): Promise<string[]> {
  const { current: own, rotated: before } = position
  const lines = own === null ? [] : await readFrom(own, position)
  const now = await stat(join(folder, 'current')).catch(() => null)
  if (now === null || now.ino === (await own?.stat())?.ino) return lines
  const next = await listed(folder)
  const fresh = next.rotated.filter(name => name > (before.at(-1) ?? ''))
  // It was full before it was rotated, so what came since the first look is in it.
  if (own !== null) lines.push(...(await readFrom(own, position)))
  // The first of them is our own.
  for (const name of own === null ? fresh : fresh.slice(1)) lines.push(...(await wholeOf(folder, name)))
  await own?.close()
  Object.assign(position, { ...next, offset: 0 })
  if (next.current !== null) lines.push(...(await readFrom(next.current, position)))
  return lines
}

async function wholeOf(folder: string, name: string): Promise<string[]> {
  const file = await openRotated(folder, name)
  if (file === null) return []
  const lines: string[] = []
  try {
    for await (const { text } of blocksOf(file)) lines.push(...text.split('\n'))
  } finally {
    await file.close()
  }
  return lines
}

const MOST_BYTES = 8 * 1024 * 1024

/** A file holds less than this at once. */
async function readFrom(file: FileHandle, position: Position): Promise<string[]> {
  const { size } = await file.stat()
  if (size <= position.offset) return []
  const buffer = Buffer.alloc(Math.min(size - position.offset, MOST_BYTES))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position.offset)
  const whole = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1
  position.offset += whole
  return buffer.subarray(0, whole).toString('utf8').split('\n').slice(0, -1)
}
