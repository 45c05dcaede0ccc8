import { constants } from 'node:fs'
import { type FileHandle, mkdtemp, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, Finished } from '../../apps/releases/runner.ts'
import { execOk, failed, start } from './exec.ts'
import { removeTree } from './files.ts'

/**
 * Pipes the output of `from` into `into`, and resolves with how `into` ended. The bytes do not pass this process. `into`
 * sees the end of its input only when `from` ended well, so that it never takes a truncated stream for a complete one.
 * Otherwise `into` is killed, and `from` fails with `exec.failed`.
 */
export async function execInto(from: Command, into: Command, what: string): Promise<Finished> {
  // As long as this process holds both ends, `into` sees no end, and `from` no broken pipe.
  const { held, out, back } = await makePipe()
  try {
    const reader = await start(into, { stdin: out.fd })
    const reading = settled(reader.finished)
    const writer = await start(from, { stdout: back.fd }).catch(async error => {
      reader.stop(error)
      await reading
      throw error
    })
    const writing = settled(writer.finished)
    await Promise.all([out.close(), back.close()])
    const early = await Promise.race([reading, writing.then(() => null)])
    if (early !== null && !(early.done?.code === 0 && (await wasAll(held, writing)))) {
      const torn = new Error(`${into.argv[0]} did not read to the end`)
      writer.stop(torn)
      await writing
      if (early.done !== null && early.done.code !== 0) return early.done
      throw early.error ?? torn
    }
    const { done, error } = await writing
    if (early !== null && done?.code !== 0) throw done === null ? error : failed(from, done, what)
    if (done?.code === 0) await held.close()
    else reader.stop(done === null ? error : failed(from, done, what))
    return await reader.finished
  } finally {
    await Promise.all([held, out, back].map(end => end.close()))
  }
}

const settled = <T>(work: Promise<T>) =>
  work.then(
    done => ({ done, error: null }),
    (error: Error) => ({ done: null, error }),
  )

/**
 * Whether a reader that has ended had read everything. Formats that say their own length, like an archive of pg_dump,
 * are read to the end before the program that writes them has ended.
 */
async function wasAll(held: FileHandle, writing: Promise<unknown>): Promise<boolean> {
  let ended = false
  const end = writing.then(() => {
    ended = true
  })
  for (;;) {
    const last = ended
    if (await holdsBytes(held)) return false
    if (last) return true
    await Promise.race([end, sleep(20)])
  }
}

/** Takes a byte out of the pipe if there is one. */
async function holdsBytes(held: FileHandle): Promise<boolean> {
  try {
    return (await held.read(Buffer.alloc(1), 0, 1, null)).bytesRead > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false
    throw error
  }
}

/** Both ends of a new pipe of the kernel, and a descriptor that holds both open. Node.js makes pipes by name alone. */
async function makePipe(): Promise<{ held: FileHandle; out: FileHandle; back: FileHandle }> {
  const folder = await mkdtemp(join(tmpdir(), 'inn-pipe-'))
  const path = join(folder, 'pipe')
  try {
    await execOk({ argv: ['mkfifo', '-m', '600', path], timeoutMs: 10_000 }, 'making a pipe')
    const held = await open(path, constants.O_RDWR | constants.O_NONBLOCK)
    return { held, out: await open(path, 'r'), back: await open(path, 'w') }
  } finally {
    await removeTree(folder)
  }
}
