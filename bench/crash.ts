import { spawn } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePartPort } from '../server/src/drivers/host/ports.ts'
import { APP, makeBench, median, run, sleep } from './kit.ts'

/** node bench/crash.ts [rounds]: an instance killed with -9 until it serves again; the same app under runit by hand and under PM2. */
const ROUNDS = Number(process.argv[2] ?? 9)

async function untilServing(port: number): Promise<number> {
  const started = performance.now()
  for (;;) {
    const ok = await fetch(`http://127.0.0.1:${port}/health`).then(
      a => a.ok,
      () => false,
    )
    if (ok) return performance.now() - started
    await sleep(1)
  }
}

/** Kills what `pid` names, a while after it started (runsv pauses a second for what died within one). */
async function crashes(port: number, pid: () => Promise<number>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    await sleep(1_500)
    process.kill(await pid(), 'SIGKILL')
    times.push(await untilServing(port))
  }
  return Math.round(median(times))
}

async function bare(): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const port = await freePartPort()
    const child = spawn(process.execPath, [join(APP, 'server.cjs')], {
      cwd: tmpdir(),
      env: { PORT: String(port), DATA: join(tmpdir(), 'inn-bench-data') },
      stdio: 'ignore',
    })
    times.push(await untilServing(port))
    child.kill('SIGKILL')
  }
  await rm(join(tmpdir(), 'inn-bench-data'), { recursive: true, force: true })
  return Math.round(median(times))
}

async function innkeeper(): Promise<number> {
  const bench = await makeBench()
  await bench.inn(['deploy', '--watch', '0'])
  const first = async () => (await bench.status()).apps[0]!.services[0]!.instances.find(i => i.n === 1)!
  const { port } = await first()
  const pid = async () =>
    Number((await run(['cat', join(bench.home, 'sv/bench.api.blue.1/supervise/pid')], { cwd: '/' })).trim())
  const ms = await crashes(port!, pid)
  await bench.remove()
  return ms
}

async function runitByHand(): Promise<number> {
  const at = await mkdtemp(join(tmpdir(), 'inn-runit-'))
  const port = await freePartPort()
  await mkdir(join(at, 'service/app'), { recursive: true })
  await cp(APP, at, { recursive: true })
  await writeFile(
    join(at, 'service/app/run'),
    `#!/bin/sh\ncd ${at}\nexec env PORT=${port} ${process.execPath} server.cjs\n`,
  )
  await chmod(join(at, 'service/app/run'), 0o755)
  const tree = spawn('runsvdir', ['-P', join(at, 'service')], { stdio: 'ignore' })
  await untilServing(port)
  const ms = await crashes(port, async () =>
    Number((await run(['cat', join(at, 'service/app/supervise/pid')], { cwd: '/' })).trim()),
  )
  tree.kill('SIGHUP')
  await sleep(1_000)
  await rm(at, { recursive: true, force: true })
  return ms
}

async function pm2(): Promise<number> {
  const at = await mkdtemp(join(tmpdir(), 'inn-pm2-'))
  await cp(APP, at, { recursive: true })
  const port = await freePartPort()
  const env = { ...process.env, HOME: at, PM2_HOME: join(at, 'pm2'), PORT: String(port) }
  await run(['npm', 'install', '--prefix', at, '--no-audit', '--no-fund', '--ignore-scripts', 'pm2@7'], {
    cwd: at,
    env,
  })
  const pm = (...args: string[]) =>
    run([process.execPath, join(at, 'node_modules/pm2/bin/pm2'), ...args], { cwd: at, env })
  try {
    await pm('start', 'server.cjs', '--name', 'bench')
    await untilServing(port)
    return await crashes(port, async () => Number((await pm('pid', 'bench')).trim()))
  } finally {
    await pm('kill')
    await rm(at, { recursive: true, force: true })
  }
}

console.log(
  JSON.stringify(
    {
      rounds: ROUNDS,
      bareBootMs: await bare(),
      innkeeperMs: await innkeeper(),
      runitByHandMs: await runitByHand(),
      pm2ForkMs: await pm2(),
    },
    null,
    2,
  ),
)
