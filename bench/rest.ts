import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeBench, median, sleep } from './kit.ts'

/** node bench/rest.ts [minutes]: the keeper at rest with five apps, then a deploy every few seconds for so long. */
const MINUTES = Number(process.argv[2] ?? 60)
const APPS = 5
const TICKS_PER_SECOND = 100
const PAUSE_MS = 5_000

async function usage(pid: number): Promise<{ rssMb: number; cpuSeconds: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const rollup = await readFile(`/proc/${pid}/status`, 'utf8')
  return {
    rssMb: Number(/VmRSS:\s+(\d+)/.exec(rollup)![1]) / 1024,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
  }
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
for (let n = 1; n <= APPS; n++) await deploy(n)
// What is kept warm for ten minutes would count as well; a keeper that has just come back is at rest.
process.kill((await bench.status()).keeper.pid, 'SIGKILL')
await sleep(70_000)
const { pid } = (await bench.status()).keeper
const before = await usage(pid)
await sleep(60_000)
const atRest = await usage(pid)
const samples: number[] = []
const end = Date.now() + MINUTES * 60_000
let deploys = 0
for (; Date.now() < end; deploys++) {
  await deploy((deploys % APPS) + 1)
  samples.push((await usage(pid)).rssMb)
  await sleep(PAUSE_MS)
}
await sleep(70_000)
const afterwards = await usage(pid)
const half = samples.length >> 1
console.log(
  JSON.stringify(
    {
      apps: APPS,
      atRest: {
        rssMb: Math.round(atRest.rssMb),
        cpuPercent: Number(((atRest.cpuSeconds - before.cpuSeconds) / 0.6).toFixed(2)),
      },
      deploys,
      minutes: MINUTES,
      rssMbWhileDeploying: {
        firstHalf: Math.round(median(samples.slice(0, half))),
        secondHalf: Math.round(median(samples.slice(half))),
        worst: Math.round(Math.max(...samples)),
      },
      rssMbAfterwards: Math.round(afterwards.rssMb),
      samePid: (await bench.status()).keeper.pid === pid,
    },
    null,
    2,
  ),
)
await bench.remove()
