import { openTerminal, type Terminal, table } from '../server/src/cli/terminal.ts'
import { showDuration } from '../server/src/kernel/durations.ts'
import { EXIT } from '../server/src/kernel/exit.ts'
import { Failure } from '../server/src/kernel/failure.ts'
import type { Status } from '../server/src/watch/status/wire.ts'
import type { LoadResult } from './load.ts'
import { makeWorld, overlay, restore, startLoad, type World } from './world.ts'

const KIOSK = 'demo-kiosk-token'
const DRAIN_MS = 5_000

interface RunResult {
  outcome: string
  release: string | null
  ms: number
  steps: Array<{ title: string; ms: number | null }>
  failure: { what: string; why: string } | null
}

/** What the seed makes; given to it by the environment of the command. */
const ACCOUNT = {
  KIOSK_TOKEN: KIOSK,
  ADMIN_EMAIL: 'anna@hostel.example',
  ADMIN_PASSWORD: 'only-for-the-demo',
}

interface Act {
  phase: string
  seconds: number
  result: string
  good: boolean
}

/** A real app, deployed, changed, broken and rolled back while visitors use it; then what they noticed, as a table. */
export async function demo(flags: { once?: boolean; json?: boolean }): Promise<void> {
  const terminal = openTerminal()
  const say = (text: string) => {
    if (!flags.json) terminal.print(text)
  }
  const began = performance.now()
  const world = await makeWorld(ACCOUNT)
  try {
    say(`home: ${world.home}`)
    await world.inn(['up'])
    const good = await play(world, { terminal, say, json: flags.json ?? false })
    say(`\nthe demo took ${showDuration(performance.now() - began)}`)
    process.exitCode = good ? EXIT.done : EXIT.failed
    if (!flags.once && !flags.json) return await nextSteps(world, terminal)
  } catch (error) {
    await leave(world)
    throw error
  }
  await leave(world)
}

/** The app goes first: a user of this machine was made for it. Whatever failed before may fail these too. */
async function leave(world: World): Promise<void> {
  await world.inn(['remove', 'hostel', '--data'], [0, 1, 2, 3]).catch(() => {})
  await world.inn(['down', '--yes'], [0, 1])
  await world.remove()
}

interface Stage {
  terminal: Terminal
  say: (text: string) => void
  json: boolean
}

async function play(world: World, { terminal, say, json }: Stage): Promise<boolean> {
  const acts: Act[] = []
  const act = async (phase: string, work: () => Promise<{ result: string; good: boolean }>) => {
    terminal.transient(json ? '' : `… ${phase}`)
    const started = performance.now()
    const { result, good } = await work()
    const seconds = (performance.now() - started) / 1000
    acts.push({ phase, seconds, result, good })
    say(
      `${good ? terminal.paint('green', '✓') : terminal.paint('red', '✗')} ${phase}  ${terminal.paint('dim', `${seconds.toFixed(1)} s`)}  ${result}`,
    )
  }
  await act('first deploy', () => deploy(world, 'done'))
  if (!acts[0]!.good)
    throw new Failure('demo.failed', 'the demo cannot go on: its first deploy failed', {
      why: acts[0]!.result,
      fix: 'correct what it names, then run the demo again',
    })
  await act('seed', async () => {
    const names = Object.keys(ACCOUNT).flatMap(name => ['--env', name])
    await world.inn(['run', ...names, '--', 'node', 'dist/seed.js'])
    return { result: 'an account, 22 capsules, a kiosk', good: true }
  })
  const port = Number(new URL((await app(world)).url!).port)
  const prefix = `demo-${Date.now()}-`
  const load = await startLoad(world, {
    host: '127.0.0.1',
    port,
    checkIn: `/api/self-check-in/${KIOSK}`,
    keepAlive: 12,
    fresh: 4,
    posts: 4,
    sockets: 8,
    streams: 4,
    drainMs: DRAIN_MS,
    pauseMs: 15,
    longestMs: 600_000,
    prefix,
  })
  const during = (phase: string, work: () => Promise<{ result: string; good: boolean }>) => {
    load.phase(phase)
    return act(phase, work)
  }
  await during('at rest', async () => {
    await sleep(5_000)
    return { result: 'visitors alone', good: true }
  })
  await during('deploy v2 with a migration', async () => {
    await overlay(world, 'v2')
    return deploy(world, 'done')
  })
  await during('roll back', async () => {
    const result = (await world.inn(['rollback'])) as RunResult
    await sleep(2_000)
    return {
      result: `${result.ms} ms, of it the switch ${switchMs(result)} ms`,
      good: result.outcome === 'done',
    }
  })
  await during('deploy what never gets ready', async () => {
    await restore(world)
    await overlay(world, 'never-ready')
    return deploy(world, 'undone')
  })
  await during('deploy what breaks after the switch', async () => {
    await restore(world)
    await overlay(world, 'breaks-later')
    return deploy(world, 'undone')
  })
  await during('kill the keeper with -9', () => killKeeper(world))
  await during('kill an instance with -9', () => killInstance(world))
  const result = await load.end()
  const rows = await countCheckIns(port, prefix)
  return conclude({ acts, result, rows, terminal, say, json })
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const app = async (world: World): Promise<Status['apps'][number]> => (await world.status()).apps[0]!
const switchMs = (run: RunResult): number => run.steps.find(step => step.title.startsWith('switch '))?.ms ?? 0

async function deploy(world: World, wanted: 'done' | 'undone'): Promise<{ result: string; good: boolean }> {
  const run = (await world.inn(['deploy'], [EXIT.done, EXIT.failed])) as RunResult
  const reason =
    run.failure === null
      ? `switched in ${switchMs(run)} ms`
      : `${run.failure.what} (${run.failure.why.split('\n')[0]})`
  return { result: `${run.release} ${run.outcome}: ${reason}`, good: run.outcome === wanted }
}

async function killKeeper(world: World): Promise<{ result: string; good: boolean }> {
  const { pid } = (await world.status()).keeper
  process.kill(pid, 'SIGKILL')
  const killed = performance.now()
  for (;;) {
    const now = await world.status().catch(() => null)
    if (now !== null && now.keeper.pid !== pid) break
    if (performance.now() - killed > 15_000) return { result: 'it did not come back in 15 s', good: false }
    await sleep(25)
  }
  const back = performance.now() - killed
  await sleep(1_500)
  return { result: `back after ${showDuration(back)}`, good: true }
}

async function killInstance(world: World): Promise<{ result: string; good: boolean }> {
  const victim = (await app(world)).services.flatMap(s => s.instances).find(i => i.role === 'live')!
  process.kill(victim.pid!, 'SIGKILL')
  const killed = performance.now()
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${victim.port}/health/ready`).catch(() => null)
    if (answer?.ok) break
    if (performance.now() - killed > 15_000) return { result: 'it did not come back in 15 s', good: false }
    await sleep(10)
  }
  const back = performance.now() - killed
  await sleep(2_000)
  return { result: `serves again after ${showDuration(back)}`, good: true }
}

async function countCheckIns(port: number, prefix: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/check-ins/count?prefix=${prefix}`, {
    headers: { 'x-kiosk-token': KIOSK },
  })
  return ((await answer.json()) as { count: number }).count
}

interface Ending extends Stage {
  acts: Act[]
  result: LoadResult
  rows: number
}

/** What was under way on a process that is killed is lost with it: at most one request of each client that had one there. */
const LOST_WITH_INSTANCE = 20

function conclude({ acts, result, rows, terminal, say, json }: Ending): boolean {
  const phases = result.phases.filter(phase => phase.name !== 'start')
  const bad = (name: string, failed: number) =>
    failed > (name.startsWith('kill an instance') ? LOST_WITH_INSTANCE : 0)
  const red = (text: string, isBad: boolean) => (isBad ? terminal.paint('red', text) : text)
  const lines = phases.map(p => [
    p.name,
    String(p.requests),
    red(String(p.failed), bad(p.name, p.failed)),
    `${p.p50.toFixed(0)} ms`,
    `${p.p99.toFixed(0)} ms`,
    red(String(p.socketsCut), p.socketsCut > 0 && !p.name.startsWith('kill an instance')),
    `${acts.find(a => a.phase === p.name)?.seconds.toFixed(1) ?? '-'} s`,
  ])
  say(`\n${table(['WHILE', 'REQUESTS', 'FAILED', 'P50', 'P99', 'SOCKETS CUT', 'TOOK'], lines)}`)
  const failures = phases.flatMap(p => p.firstFailures.map(text => `  ${p.name}: ${text}`))
  if (failures.length > 0) say(`failed requests, the first of each phase:\n${failures.join('\n')}`)
  say(`check-ins accepted: ${result.accepted}, rows in the database: ${rows}`)
  // A row may be there whose answer was lost with a killed process; an answer without its row may not.
  const good =
    acts.every(a => a.good) &&
    phases.every(
      p => !bad(p.name, p.failed) && (p.socketsCut === 0 || p.name.startsWith('kill an instance')),
    ) &&
    rows >= result.accepted &&
    rows - result.accepted <= LOST_WITH_INSTANCE
  if (json)
    process.stdout.write(
      `${JSON.stringify({ good, acts, phases, accepted: result.accepted, rows }, null, 2)}\n`,
    )
  return good
}

async function nextSteps(world: World, terminal: Terminal): Promise<void> {
  const { keeper } = await world.status()
  const { link } = (await world.inn(['people', 'add', 'you@example.com', '--role', 'admin'])) as {
    link: string
  }
  const env = `INNKEEPER_HOME=${world.home}`
  terminal.print(`
the app        ${(await app(world)).url}
the dashboard  ${keeper.url}  (choose a password: ${link})

next:
  ${env} ./inn status
  ${env} ./inn logs hostel -f
  ${env} ./inn remove hostel --data
  ${env} ./inn down --yes`)
}
