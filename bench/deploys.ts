import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePartPort } from '../server/src/drivers/host/ports.ts'
import type { RunEvent } from '../server/src/engine/wire.ts'
import { APP, type Bench, type Change, type Load, makeBench, median, run, sleep, startLoad } from './kit.ts'

/** node bench/deploys.ts [rounds]: deploys, rollbacks and rotations of a secret under load, then PM2's reload of the same app under the same load. */
const ROUNDS = Number(process.argv[2] ?? 20)
const DRAIN_MS = 3_000

/** Steps whose time is the app's own, not ours. */
const THEIRS = /^(build |release step|wait until|watch |let open sockets)/
const ours = (change: Change): number =>
  change.steps.filter(step => !THEIRS.test(step.title)).reduce((sum, step) => sum + (step.ms ?? 0), 0)
const switchOf = (change: Change): number => change.steps.find(step => step.title.startsWith('switch '))!.ms!

/** Tells the load of each switch, as it happens. */
async function tellSwitches(bench: Bench, load: Load): Promise<void> {
  const told = new Set<string>()
  for await (const event of bench.client.events<RunEvent>('/api/events')) {
    if (event.type !== 'run') continue
    for (const step of event.run.steps.filter(s => s.kind === 'edge.route' && s.state === 'running')) {
      if (!told.has(`${event.run.id}.${step.index}`)) load.switched()
      told.add(`${event.run.id}.${step.index}`)
    }
  }
}

/** Milliseconds from the start of the command until the last answer of the old release. */
async function lastOldAnswer(
  port: number,
  change: () => Promise<Change>,
): Promise<{ ms: number; change: Change }> {
  const started = performance.now()
  const working = change()
  const seen: Array<{ at: number; release: string }> = []
  let done = false
  void working.finally(() => {
    done = true
  })
  while (!done) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/version`)
    const { version } = (await answer.json()) as { version: string }
    seen.push({ at: performance.now(), release: version })
  }
  const result = await working
  const old = seen.filter(answer => answer.release !== result.release).at(-1)
  return { ms: (old?.at ?? started) - started, change: result }
}

async function innkeeper() {
  const bench = await makeBench()
  await bench.inn(['deploy'])
  await bench.inn(['deploy'])
  const port = Number(new URL((await bench.status()).apps[0]!.url!).port)
  const load = startLoad(port, DRAIN_MS)
  void tellSwitches(bench, load).catch(() => {})
  const deploys: Change[] = []
  const rollbacks: Array<{ ms: number; change: Change }> = []
  load.phase('deploys')
  for (let i = 0; i < ROUNDS; i++) deploys.push(await bench.inn(['deploy']))
  load.phase('rollbacks')
  for (let i = 0; i < ROUNDS; i++)
    rollbacks.push(await lastOldAnswer(port, () => bench.inn([i % 2 === 0 ? 'rollback' : 'forward'])))
  load.phase('rotations')
  const rotations: Change[] = []
  for (let i = 0; i < ROUNDS; i++) rotations.push(await bench.inn(['secrets', 'rotate', 'JWT_SECRET']))
  load.phase('after')
  const result = await load.end()
  const { count } = (await (await fetch(`http://127.0.0.1:${port}/api/count`)).json()) as { count: number }
  await bench.remove()
  const phases = result.phases.filter(p => p.name !== 'after')
  return {
    rounds: ROUNDS,
    requests: phases.reduce((sum, p) => sum + p.requests, 0),
    failed: phases.reduce((sum, p) => sum + p.failed, 0),
    firstFailures: phases.flatMap(p => p.firstFailures),
    socketsCutBeforeTheirBound: phases.reduce((sum, p) => sum + p.socketsCut, 0),
    writesAccepted: result.accepted,
    writesLost: Math.max(0, result.accepted - count),
    overheadMs: { median: median(deploys.map(ours)), worst: Math.max(...deploys.map(ours)) },
    switchMs: {
      median: median(deploys.map(switchOf)),
      worst: Math.max(...[...deploys, ...rollbacks.map(r => r.change)].map(switchOf)),
    },
    rotation: {
      failed: result.phases.find(p => p.name === 'rotations')?.failed,
      requests: result.phases.find(p => p.name === 'rotations')?.requests,
      ms: { median: median(rotations.map(r => r.ms)), worst: Math.max(...rotations.map(r => r.ms)) },
    },
    rollbackToLastOldAnswerMs: {
      median: Math.round(median(rollbacks.map(r => r.ms))),
      worst: Math.round(Math.max(...rollbacks.map(r => r.ms))),
    },
  }
}

async function pm2() {
  const at = await mkdtemp(join(tmpdir(), 'inn-pm2-'))
  const env = { ...process.env, HOME: at, PM2_HOME: join(at, 'pm2'), DATA: join(at, 'data') }
  await cp(APP, at, { recursive: true })
  await run(['npm', 'install', '--prefix', at, '--no-audit', '--no-fund', '--ignore-scripts', 'pm2@7'], {
    cwd: at,
    env,
  })
  const cli = join(at, 'node_modules/pm2/bin/pm2')
  const port = await freePartPort()
  const pm = (...args: string[]) =>
    run([process.execPath, cli, ...args], { cwd: at, env: { ...env, PORT: String(port) } })
  try {
    await pm('start', 'server.cjs', '-i', '2', '--name', 'bench')
    await sleep(2_000)
    const load = startLoad(port, 0)
    load.phase('reloads')
    const times: number[] = []
    for (let i = 0; i < ROUNDS; i++) {
      const started = performance.now()
      load.switched()
      await pm('reload', 'bench')
      times.push(performance.now() - started)
      await sleep(1_000)
    }
    load.phase('after')
    const result = await load.end()
    const { requests, failed } = result.phases.find(p => p.name === 'reloads')!
    return { rounds: ROUNDS, requests, failed, reloadMs: Math.round(median(times)) }
  } finally {
    await pm('kill')
    await rm(at, { recursive: true, force: true })
  }
}

console.log(JSON.stringify({ innkeeper: await innkeeper(), pm2: await pm2() }, null, 2))
