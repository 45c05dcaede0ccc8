import { appendFile, cp, glob, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfigOrFail } from '../server/src/config/read.ts'
import { execOk } from '../server/src/drivers/host/exec.ts'
import { EXAMPLES } from '../test/kit/example.ts'
import { type Bench, type Change, makeBench, median, run } from './kit.ts'
import { comparison } from './ratio.ts'

/**
 * node bench/builds.ts EXAMPLE [rounds]: deploys an example built from nothing, with the lockfile unchanged, and with
 * nothing changed that a build sees; beside it the same install and build by hand, in a folder that keeps its caches. At
 * the end five releases with an unchanged lockfile are measured on the disk, beside one.
 */
const EXAMPLE = process.argv[2] ?? 'motel'
const ROUNDS = Number(process.argv[3] ?? 5)
const folder = (bench: Bench) => join(bench.home, EXAMPLE)
const config = async (bench: Bench) =>
  readConfigOrFail(await readFile(join(folder(bench), 'innkeeper.yaml'), 'utf8'))

/** Milliseconds that its builds took, and from the command to the switch. */
function timesOf(change: Change) {
  const ended = change.steps.findIndex(step => step.title.startsWith('switch '))
  const sum = (steps: Change['steps']) => steps.reduce((all, step) => all + (step.ms ?? 0), 0)
  return {
    build: sum(change.steps.filter(step => step.title.startsWith('build '))),
    switched: change.ms - sum(change.steps.slice(ended + 1)),
  }
}

const deploy = async (bench: Bench, ...args: string[]) =>
  timesOf(await bench.inn(['deploy', '--watch', '0', ...args], folder(bench)))

/** A comment at the end of a source file of each service, and a script in its manifest, which no install sees. */
async function changeSource(bench: Bench, at: string, n: number): Promise<void> {
  for (const { root } of (await config(bench)).services) {
    const cwd = join(at, root)
    const exclude = (path: string) => /node_modules|\.d\.ts$|generated/.test(path)
    const sources = await Array.fromAsync(glob('**/*.{ts,tsx}', { cwd, exclude }))
    await appendFile(join(cwd, sources.toSorted().at(-1)!), `\n// round ${n}\n`)
    const manifest = join(cwd, 'package.json')
    const text = await readFile(manifest, 'utf8').catch(() => null)
    if (text !== null)
      await writeFile(manifest, text.replace('"scripts": {', `"scripts": {\n    "round${n}": "true",`))
  }
}

/** The same install and build in a copy that keeps node_modules' caches and npm's. */
async function byHand(bench: Bench): Promise<number> {
  const started = performance.now()
  const at = join(bench.home, 'by-hand')
  const env = { ...process.env, HOME: join(bench.home, 'by-hand-home'), CI: 'true' }
  const done = new Set<string>()
  for (const { root, build } of (await config(bench)).services) {
    const cwd = join(at, root)
    if (!done.has(cwd)) await run(['npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd, env })
    for (const argv of done.has(`${cwd} ${build.join()}`) ? [] : build) await run(argv, { cwd, env })
    done.add(cwd).add(`${cwd} ${build.join()}`)
  }
  return performance.now() - started
}

/** Bytes of five releases whose source differs, and of the newest of them. */
async function diskOfFive(bench: Bench): Promise<{ five: number; one: number }> {
  for (let n = 0; n < 5; n++) {
    await changeSource(bench, folder(bench), ROUNDS + n)
    await deploy(bench)
  }
  const releases = join(bench.home, 'apps', EXAMPLE, 'releases')
  const names = await readdir(releases)
  const newest = names.toSorted((a, b) => Number(b.slice(1)) - Number(a.slice(1))).slice(0, 5)
  if (newest.length < 5) throw new Error(`there are only ${names.join(', ')}`)
  const size = async (...paths: string[]) => {
    const { stdout } = await execOk({ argv: ['du', '-skc', ...paths], timeoutMs: 120_000 }, 'measuring')
    return Number.parseInt(stdout.trim().split('\n').at(-1)!, 10) * 1024
  }
  return {
    five: await size(...newest.map(name => join(releases, name))),
    one: await size(join(releases, newest[0]!)),
  }
}

const bench = await makeBench()
try {
  await cp(join(EXAMPLES, EXAMPLE), folder(bench), {
    recursive: true,
    filter: path => !path.includes('node_modules'),
  })
  await cp(folder(bench), join(bench.home, 'by-hand'), { recursive: true })
  const first = await deploy(bench)
  await byHand(bench) // Its caches are cold the first time, as those of the first deploy are.
  const rounds = {
    fresh: [] as number[],
    changed: [] as number[],
    same: [] as number[],
    hand: [] as number[],
  }
  const file = join(folder(bench), 'innkeeper.yaml')
  for (let n = 0; n < ROUNDS; n++) {
    rounds.fresh.push((await deploy(bench, '--fresh')).build)
    for (const at of [folder(bench), join(bench.home, 'by-hand')]) await changeSource(bench, at, n)
    rounds.changed.push((await deploy(bench)).build)
    await writeFile(file, `${await readFile(file, 'utf8')}# round ${n}\n`)
    rounds.same.push((await deploy(bench)).switched)
    rounds.hand.push(await byHand(bench))
  }
  const disk = await diskOfFive(bench)
  // What fails ends the whole run.
  const ratio = (one: 'changed', other: 'fresh' | 'hand') =>
    comparison(
      { [one]: { figures: rounds[one], failed: 0 }, [other]: { figures: rounds[other], failed: 0 } },
      () => median(rounds[one]) / median(rounds[other]),
    )
  const [fresh, changed, same, hand] = [rounds.fresh, rounds.changed, rounds.same, rounds.hand].map(
    median,
  ) as [number, number, number, number]
  console.log(
    JSON.stringify(
      {
        example: EXAMPLE,
        rounds: ROUNDS,
        firstBuildMs: first.build,
        freshBuildMs: fresh,
        changedBuildMs: changed,
        changedToFresh: ratio('changed', 'fresh'),
        byHandMs: Math.round(hand),
        changedToByHand: ratio('changed', 'hand'),
        unchangedCommandToSwitchMs: same,
        releaseBytes: disk.one,
        fiveReleasesToOne: disk.five / disk.one,
      },
      null,
      2,
    ),
  )
} finally {
  await bench.remove()
}
