import { existsSync, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectTo } from '../server/src/cli/client.ts'
import { showDuration } from '../server/src/kernel/durations.ts'
import { readPid } from './kit/server.ts'

/** What the keeper is made of. */
const SOURCES = ['server/src', 'contract']
/** An editor that saves several files, or one in several writes, is one change. */
const QUIET_MS = 150
const LONGEST_MS = 15_000

interface Order {
  project: string
  home: string
  say(line: string): void
  signal: AbortSignal
}

/** Ends the keeper when its source changes; the supervisor starts it again, and apps notice nothing. */
export function restartOnChange({ project, home, say, signal }: Order): void {
  let changed: string | null = null
  let busy = false
  const turn = async () => {
    if (busy) return
    busy = true
    while (changed !== null && !signal.aborted) {
      await sleep(QUIET_MS)
      const name = changed
      changed = null
      say(`${name} changed: ${await restart(home, signal)}`)
    }
    busy = false
  }
  for (const folder of SOURCES.map(source => join(project, source)).filter(existsSync)) {
    watch(folder, { recursive: true, signal }, (_, name) => {
      if (name === null || /\.test\.ts$/.test(name)) return
      changed = name
      void turn()
    })
  }
}

async function restart(home: string, signal: AbortSignal): Promise<string> {
  const pidFile = join(home, 'sv/keeper/supervise/pid')
  const started = performance.now()
  const before = await readPid(pidFile)
  if (before !== null) process.kill(before, 'SIGTERM')
  const client = connectTo({ socketPath: join(home, 'run', 'keeper.sock') }, 'dev')
  while (!signal.aborted && performance.now() - started < LONGEST_MS) {
    await sleep(50)
    const pid = await readPid(pidFile)
    const answers = pid !== null && pid !== before && (await client.get('/api/health').then(yes, no))
    if (answers) return `keeper restarted in ${showDuration(performance.now() - started)}`
  }
  const log = await readFile(join(home, 'log/keeper/current'), 'utf8').catch(() => '')
  return `the keeper does not answer\n${log.trimEnd().split('\n').slice(-12).join('\n')}`
}

const yes = (): true => true
const no = (): false => false
