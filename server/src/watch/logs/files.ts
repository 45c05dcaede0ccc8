import { createReadStream } from 'node:fs'
import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createZstdDecompress } from 'node:zlib'
import { isOdd } from './odd.ts'

/**
 * A log folder of svlogd: `current` is being written. A full one becomes `@TIME.u`, is compressed into `@TIME.t`, which
 * then becomes `@TIME.s`, and only then `@TIME.u` goes. So one of the two is always there, and for a moment both.
 */
const ROTATED = /^(@[\da-f]+)\.[su]$/

/** How often a folder is listed again when its log was rotated meanwhile. */
const TRIES = 5

export interface Listed {
  current: FileHandle | null
  /** Names of what was rotated before, without their endings, oldest first. */
  rotated: string[]
}

/** Opens `current` and lists what was rotated before it: nothing of the log is missing, and nothing is there twice. */
export async function listed(folder: string): Promise<Listed> {
  for (let tries = 1; ; tries++) {
    const current = await opened(join(folder, 'current'))
    const names = await readdir(folder).catch(() => [])
    const rotated = [...new Set(names.flatMap(name => ROTATED.exec(name)?.[1] ?? []))].sort()
    const now = await stat(join(folder, 'current')).catch(() => null)
    if (tries === TRIES || now?.ino === (await current?.stat())?.ino) return { current, rotated }
    await current?.close()
  }
}

/** Opens a rotated file, compressed or not; null: it was removed, because the log is full. */
export async function openRotated(folder: string, name: string): Promise<FileHandle | null> {
  for (const ending of ['s', 'u', 's']) {
    const file = await opened(join(folder, `${name}.${ending}`))
    if (file !== null) return file
  }
  return null
}

async function opened(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return null
  }
}

/** How far a log has been read by whoever follows it. Its file is held open, because it is compressed and removed soon after it was rotated. */
export interface Position extends Listed {
  /** Bytes of `current`. */
  offset: number
}

/** The end of a log at this moment. */
export async function endOf(folder: string): Promise<Position> {
  const at = await listed(folder)
  return { ...at, offset: (await at.current?.stat())?.size ?? 0 }
}

/**
 * The files of a log from the newest to the oldest, as blocks of whole lines, but those that were last written before
 * `since`. `end`: what was written after it is left to whoever follows.
 */
export async function* newestFirst(
  folder: string,
  since: number,
  end?: Position,
): AsyncGenerator<AsyncGenerator<Block>> {
  const { current, rotated } = end ?? (await listed(folder))
  const open = [async () => current, ...rotated.toReversed().map(name => () => openRotated(folder, name))]
  for (const next of open) {
    const file = await next()
    if (file === null) continue
    try {
      // What is in a file is not younger than the file.
      if ((await file.stat()).mtimeMs < since) return
      yield blocksOf(file, file === current ? end?.offset : undefined)
    } finally {
      if (file !== end?.current) await file.close()
    }
  }
}

/** Large enough that most blocks without a match are passed over as a whole, and small enough to leave others their turn. */
const BLOCK_BYTES = 256 * 1024

/** What is unpacked at once, in another thread: with less than this, that thread waits for this one half of the time. */
const UNPACKED_BYTES = 1024 * 1024

/** The first bytes of what zstd compressed. */
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

export interface Block {
  text: string
  /** Whether there is more in it than plain ASCII. */
  odd: boolean
}

function blockOf(bytes: Buffer): Block {
  const odd = isOdd(bytes)
  // ASCII is the same in both, and this takes half of the time.
  return { text: bytes.toString(odd ? 'utf8' : 'latin1'), odd }
}

/** A file in blocks of whole lines, also the last line that is not ended yet. */
export async function* blocksOf(file: FileHandle, upTo?: number): AsyncGenerator<Block> {
  let held: Buffer[] = []
  let bytes = 0
  for await (const chunk of bytesOf(file, upTo)) {
    const end = chunk.lastIndexOf(10)
    if (end === -1 || bytes + end < BLOCK_BYTES) held.push(chunk)
    else {
      yield blockOf(Buffer.concat([...held, chunk.subarray(0, end)]))
      held = [chunk.subarray(end + 1)]
      bytes = 0
    }
    bytes += held.at(-1)!.length
  }
  const rest = Buffer.concat(held)
  if (rest.length > 0) yield blockOf(rest.subarray(0, rest.at(-1) === 10 ? -1 : undefined))
}

async function* bytesOf(file: FileHandle, upTo = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  if (upTo === 0) return
  const { buffer: first, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  const raw = createReadStream('', {
    ...{ fd: file, start: 0, end: upTo - 1, autoClose: false, highWaterMark: BLOCK_BYTES },
  })
  if (bytesRead < 4 || !first.equals(ZSTD)) return yield* raw as AsyncIterable<Buffer>
  const plain = createZstdDecompress({ chunkSize: UNPACKED_BYTES })
  raw.on('error', error => plain.destroy(error)).pipe(plain)
  try {
    yield* plain as AsyncIterable<Buffer>
  } catch (error) {
    // A file that a power cut left damaged has its lines up to there.
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ZSTD')) throw error
  } finally {
    raw.destroy()
    plain.destroy()
  }
}

/** How many lines the log had before its oldest file, which had to go because it was full; with that file's beginning. */
export async function goneBefore(folder: string): Promise<{ lines: number; first: string } | null> {
  const lines = Number(await readFile(join(folder, 'gone'), 'utf8').catch(() => '0'))
  if (!(lines > 0)) return null
  const { current, rotated } = await listed(folder)
  await current?.close()
  const oldest = rotated[0] === undefined ? null : await openRotated(folder, rotated[0])
  if (oldest === null) return null
  try {
    for await (const { text } of blocksOf(oldest)) return { lines, first: text.slice(0, text.indexOf('\n')) }
    return null
  } finally {
    await oldest.close()
  }
}
