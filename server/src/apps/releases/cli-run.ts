import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { type EnvFlags, givenEnv } from '../../cli/env.ts'
import { Failure } from '../../kernel/failure.ts'
import { CHANNEL } from '../../kernel/frames.ts'
import { type Ends, feedInput, ownEnds, sizeOf, written } from './cli-ends.ts'
import type { CommandSaid, SignalName } from './wire-command.ts'

export interface RunFlags extends EnvFlags {
  app?: string
  service?: string
  release?: string
  /** False: no terminal for the command, even when there is one here. */
  terminal?: boolean
  /** Which database psql is connected to, and with whose rights. */
  database?: { owner?: boolean; copy?: string }
}

const SIGNALS: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']

/** inn run -- node dist/seed.js: the command's own streams, as they are, and its own exit code. */
export async function run(cli: Cli, argv: string[], flags: RunFlags, ends: Ends = ownEnds()): Promise<void> {
  const name = await appName(cli, flags.app)
  const env = await givenEnv(flags, cli.terminal)
  const terminal = !cli.json && flags.terminal !== false && ends.terminal
  const { service, release, database } = flags
  const size = terminal ? { terminal: { ...sizeOf(ends), kind: ends.kind } } : {}
  const kept = cli.json ? { output: [] as Buffer[], errors: [] as Buffer[] } : null
  const order = { argv, service, release, env, database, ...size }
  const code = await followed(cli, { name, order, terminal }, { ends, kept })
  process.exitCode = code
  if (kept !== null) printJson({ code, lines: linesOf(kept.output), errors: linesOf(kept.errors) })
}

interface Asked {
  name: string
  order: Record<string, unknown>
  terminal: boolean
}

interface Outputs {
  ends: Ends
  /** With --json: what is kept for the document, instead of being written. */
  kept: { output: Buffer[]; errors: Buffer[] } | null
}

/** Passes on what goes in and out until the command has ended; its exit code. */
async function followed(
  { client }: Cli,
  { name, order, terminal }: Asked,
  { ends, kept }: Outputs,
): Promise<number> {
  const over = new AbortController()
  const take = async (channel: number, bytes: Buffer) => {
    const errors = channel === CHANNEL.errors
    if (kept !== null) (errors ? kept.errors : kept.output).push(Buffer.from(bytes))
    else await written(errors ? ends.errors : ends.output, bytes)
  }
  try {
    for await (const { channel, bytes } of client.frames(at`/api/apps/${name}/commands`, order)) {
      if (channel === CHANNEL.output || channel === CHANNEL.errors) await take(channel, bytes)
      if (channel !== CHANNEL.said) continue
      const said = JSON.parse(bytes.toString()) as CommandSaid
      if ('code' in said) return said.code
      if ('failure' in said)
        throw new Failure(said.failure.code, said.failure.what, { ...said.failure, facts: {} })
      goesOn({ client, ends, path: at`/api/apps/${name}/commands/${said.id}`, terminal }, over.signal)
    }
  } finally {
    over.abort()
    ends.release()
  }
  throw new Failure('keeper.unreachable', 'the keeper ended before the command did', {
    why: 'a command that `inn run` started ends with the keeper',
    fix: '`inn status`, then run it again',
  })
}

interface Going {
  client: Cli['client']
  ends: Ends
  path: string
  terminal: boolean
}

/** What goes to a command that runs: input, signals, and the size of the terminal. */
function goesOn({ client, ends, path, terminal }: Going, over: AbortSignal): void {
  // Whatever cannot be delivered: the stream of the command itself says how it ended.
  const quietly = (work: Promise<unknown>) => void work.catch(() => {})
  if (terminal) ends.raw()
  quietly(feedInput(client, ends.input, { path: `${path}/input`, over }))
  const asked = new Set<SignalName>()
  for (const signal of SIGNALS) {
    const pass = () => {
      // Who asks a second time wants to leave, also when the command does not heed it.
      if (signal === 'SIGINT' && asked.has(signal)) process.exit(130)
      asked.add(signal)
      quietly(client.post(`${path}/signal`, { signal }))
    }
    process.on(signal, pass)
    over.addEventListener('abort', () => process.off(signal, pass))
  }
  if (!terminal) return
  const resized = () => quietly(client.post(`${path}/size`, sizeOf(ends)))
  process.on('SIGWINCH', resized)
  over.addEventListener('abort', () => process.off('SIGWINCH', resized))
}

function linesOf(pieces: readonly Buffer[]): string[] {
  const lines = Buffer.concat(pieces).toString('utf8').split(/\r?\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}
