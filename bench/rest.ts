import { randomFillSync } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { statOf } from '../server/src/kernel/stat.ts'
import { makeBench, median, proportionalMb, sleep } from './kit.ts'

/**
 * node bench/rest.ts [minutes]: the keeper at rest with five apps, while a source of 300 MB comes, and then during a
 * deploy every few seconds for so long. Memory is proportional: what it shares with the apps' Node.js counts in part.
 */
const MINUTES = Number(process.argv[2] ?? 60)
const APPS = 5
const TICKS_PER_SECOND = 100
const PAUSE_MS = 5_000
const UPLOAD_BYTES = 300_000_000
/** Once a minute the keeper frees what the last change needed. */
const SETTLED_MS = 70_000

interface Usage {
  mb: number
  rssMb: number
  cpuSeconds: number
}

async function usage(pid: number): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const { fields } = statOf(stat)
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return {
    mb: await proportionalMb(pid),
    rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
  }
}

const memory = ({ mb, rssMb }: Usage) => ({ mb: Math.round(mb), rssMb: Math.round(rssMb) })

/** The most memory that a process had during the work. */
async function mostDuring(pid: number, work: () => Promise<unknown>): Promise<number> {
  let most = 0
  let over = false
  const watch = async () => {
    for (; !over; await sleep(50)) most = Math.max(most, await proportionalMb(pid))
  }
  const watching = watch()
  await work()
  over = true
  await watching
  return Math.round(most)
}

const bench = await makeBench()
const file = join(bench.home, 'source/innkeeper.yaml')
const text = await readFile(file, 'utf8')
const deploy = async (n: number) => {
  await writeFile(
    file,
    text
      .replace('name: bench', `name: bench${n}`)
      .replace('instances: 2', 'instances: 1')
      .replace('watch: 1s', 'watch: 0')
      .replace('interval: 100ms', 'interval: 1s'),
  )
  return bench.inn(['deploy'])
}

/** A source that does not get smaller when it is packed. */
async function uploaded(pid: number) {
  const large = join(bench.home, 'source/large.bin')
  await writeFile(large, randomFillSync(Buffer.alloc(UPLOAD_BYTES)))
  const most = await mostDuring(pid, () => deploy(1))
  await rm(large)
  await sleep(SETTLED_MS)
  return { mostMb: most, afterwards: memory(await usage(pid)) }
}

async function deploying(pid: number) {
  const samples: number[] = []
  for (const end = Date.now() + MINUTES * 60_000; Date.now() < end; await sleep(PAUSE_MS)) {
    await deploy((samples.length % APPS) + 1)
    samples.push(await proportionalMb(pid))
  }
  await sleep(SETTLED_MS)
  const half = samples.length >> 1
  return {
    minutes: MINUTES,
    deploys: samples.length,
    firstHalfMb: Math.round(median(samples.slice(0, half))),
    secondHalfMb: Math.round(median(samples.slice(half))),
    worstMb: Math.round(Math.max(...samples)),
    afterwards: memory(await usage(pid)),
  }
}

try {
  for (let n = 1; n <= APPS; n++) await deploy(n)
  // What is kept warm for ten minutes would count as well; a keeper that has just come back is at rest.
  process.kill((await bench.status()).keeper.pid, 'SIGKILL')
  await sleep(SETTLED_MS)
  const { pid } = (await bench.status()).keeper
  const before = await usage(pid)
  await sleep(60_000)
  const atRest = await usage(pid)
  const cpuPercent = Number(((atRest.cpuSeconds - before.cpuSeconds) / 0.6).toFixed(2))
  console.log(JSON.stringify({ apps: APPS, atRest: { ...memory(atRest), cpuPercent } }))
  console.log(JSON.stringify({ upload: await uploaded(pid) }))
  console.log(JSON.stringify({ deploying: await deploying(pid) }))
  if ((await bench.status()).keeper.pid !== pid) throw new Error('the keeper was started again meanwhile')
} finally {
  await bench.remove()
}
