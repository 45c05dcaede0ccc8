import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A program of `inn dev` beside it: Vite, or the fixture. */
export interface Part {
  /** Rejects when it ends without being asked to. */
  broken: Promise<never>
  end(): Promise<void>
}

interface Order {
  /** Of Node.js. */
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  /** Where it answers when it is there. */
  url: string
}

/** Started, and answering. In a process group of its own: a terminal's Ctrl-C is passed on once, by us. */
export async function startPart({ argv, env, url }: Order): Promise<Part> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...argv], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, ...env },
    // What it says is for the person who develops; standard output belongs to --json.
    stdio: ['ignore', process.stderr, 'inherit'],
    detached: true,
  })
  const closed = new Promise<number | null>(resolve => child.on('close', resolve))
  const broken = closed.then((code): never => {
    throw new Error(`${argv.join(' ')} ended with ${code}`)
  })
  // Whoever waits for it is told; nobody waits while it is being ended.
  broken.catch(() => {})
  const end = async () => {
    // node --watch passes it on to the process below it.
    child.kill('SIGTERM')
    await closed
  }
  try {
    await Promise.race([broken, untilAnswered(url)])
  } catch (error) {
    await end()
    throw error
  }
  return { broken, end }
}

async function untilAnswered(url: string): Promise<void> {
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    try {
      await (await fetch(url)).arrayBuffer()
      return
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}
