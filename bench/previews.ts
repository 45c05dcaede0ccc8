import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeBench, median, proportionalMb, sleep } from './kit.ts'

/**
 * node bench/previews.ts [N]: a small app with PostgreSQL is deployed, and then N previews of it, each from nothing, with
 * a database that is migrated and seeded. They fall asleep; one after the other is asked for. Memory is proportional.
 */
const N = Number(process.argv[2] ?? 20)
const NAME = 'bench'

const bench = await makeBench({ INNKEEPER_HTTPS_PORT: 'none' })
const folder = join(bench.home, 'source')
const inn = (...args: string[]) => bench.inn(args, folder)
const keyOf = (n: number) => `${NAME}@preview-p${n}`

/** Memory of everything whose command line names a preview, in MB. */
async function memory(): Promise<{ processes: number; mb: number }> {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name) && names(name).includes('@preview-'))
  const sizes = await Promise.all(pids.map(pid => proportionalMb(Number(pid))))
  return { processes: pids.length, mb: sizes.reduce((sum, mb) => sum + mb, 0) }
}

function names(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

async function asleep(most: number): Promise<void> {
  for (const end = Date.now() + most; Date.now() < end; await sleep(500)) {
    const { apps, parts } = await bench.status()
    const previews = apps.filter(({ name }) => name !== NAME)
    const servers = parts.filter(({ name }) => name.includes('@preview-'))
    const rests =
      previews.every(({ state }) => state === 'asleep') && servers.every(one => one.state === 'stopped')
    if (rests) return
  }
  throw new Error('they do not fall asleep')
}

/** Milliseconds until the first answer of one that sleeps, and until the second of the same. */
async function woken(n: number): Promise<[number, number]> {
  const { apps } = await bench.status()
  const { url } = apps.find(({ name }) => name === keyOf(n))!
  const timed = async (): Promise<number> => {
    const begun = performance.now()
    const answer = await fetch(`${url}/health`)
    await answer.text()
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
    return performance.now() - begun
  }
  return [await timed(), await timed()]
}

try {
  const file = join(folder, 'innkeeper.yaml')
  const more = `database: { postgres: true }
seed: [sh, -c, 'psql "$DATABASE_URL" -qc "create table guest as select generate_series(1, 1000) n"']
previews: { most: 200, sleep: 20s }
`
  await writeFile(file, (await readFile(file, 'utf8')).replace('watch: 1s', 'watch: 0') + more)
  execFileSync('git', ['init', '-q'], { cwd: folder })
  const first = await inn('deploy')
  const made: number[] = []
  for (let n = 0; n < N; n++) made.push((await inn('preview', 'up', '--name', `p${n}`)).ms)
  await asleep(120_000)
  const resting = await memory()
  const wakes: Array<[number, number]> = []
  for (let n = 0; n < Math.min(N, 10); n++) wakes.push(await woken(n))
  console.log(
    JSON.stringify(
      {
        previews: N,
        firstDeployMs: first.ms,
        previewMs: median(made),
        asleep: { ...resting, mbEach: resting.mb / N },
        wakeMs: { median: median(wakes.map(([ms]) => ms)), most: Math.max(...wakes.map(([ms]) => ms)) },
        nextMs: median(wakes.map(([, ms]) => ms)),
      },
      null,
      2,
    ),
  )
} finally {
  await bench.remove()
}
