import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import type { Client } from '../../cli/client.ts'
import type { InputTaken, TerminalSize } from './wire-command.ts'

/** What of this process a command gets: its streams, and the terminal when there is one at both sides. */
export interface Ends {
  input: Readable
  output: Writable & { columns?: number; rows?: number }
  errors: Writable
  terminal: boolean
  /** The kind of terminal, as TERM says it. */
  kind: string
  /** Each key goes to the command at once, Ctrl-C too. */
  raw(): void
  /** Gives the terminal back, and waits for no more input. */
  release(): void
}

export function ownEnds(): Ends {
  const { stdin, stdout, stderr, env } = process
  const kind = env['TERM'] ?? ''
  return {
    input: stdin,
    output: stdout,
    errors: stderr,
    terminal: stdin.isTTY === true && stdout.isTTY === true,
    kind: /^[\w.+-]{1,64}$/.test(kind) ? kind : 'dumb',
    raw: () => void stdin.setRawMode(true),
    release() {
      if (stdin.isTTY === true && stdin.isRaw) stdin.setRawMode(false)
      stdin.destroy()
    },
  }
}

export const sizeOf = ({ output: { columns, rows } }: Pick<Ends, 'output'>): TerminalSize => ({
  columns: columns || 80,
  rows: rows || 24,
})

/** Writes, and waits while nobody reads. */
export async function written(stream: Writable, bytes: Buffer): Promise<void> {
  if (!stream.write(bytes)) await once(stream, 'drain')
}

interface Feed {
  path: string
  over: AbortSignal
}

/** Sends our standard input to the command, and its end. */
export async function feedInput(client: Client, input: Readable, { path, over }: Feed): Promise<void> {
  for await (const bytes of gathered(input)) {
    for (let taken = false; !taken; ) {
      if (over.aborted) return
      const answer = await client.feed<InputTaken>(path, bytes)
      if (!answer.open) return
      taken = answer.taken
    }
  }
  await client.delete(path)
}

/** Below the longest body that the keeper takes. */
const MOST = 512 * 1024

/** What has come in meanwhile, as one piece: each piece is a request. */
async function* gathered(input: Readable): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let ended = false
  let wake = () => {}
  const end = () => {
    ended = true
    wake()
  }
  input.on('end', end).on('close', end).on('error', end)
  input.on('data', (chunk: Buffer) => {
    held.push(chunk)
    if (held.reduce((sum, one) => sum + one.length, 0) >= MOST / 2) input.pause()
    wake()
  })
  while (!ended || held.length > 0) {
    if (held.length > 0) {
      const bytes = Buffer.concat(held)
      held = []
      input.resume()
      yield bytes
    } else
      await new Promise<void>(resolve => {
        wake = resolve
      })
  }
}
