import { existsSync } from 'node:fs'
import { appendFile, cp, glob, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EXAMPLES } from '../test/kit/example.ts'
import { type Change, makeBench, median, sleep } from './kit.ts'

/**
 * node bench/promote.ts [EXAMPLE] [rounds]: each round changes the source, deploys it to staging and promotes it to
 * production. Both are measured from the command to the switch, without a watch.
 */
const EXAMPLE = process.argv[2] ?? 'motel'
const ROUNDS = Number(process.argv[3] ?? 5)

/** Milliseconds from the command to the switch, and what each step took. */
function switched({ ms, steps }: Change) {
  const at = steps.findIndex(step => step.title.startsWith('switch '))
  const after = steps.slice(at + 1).reduce((all, step) => all + (step.ms ?? 0), 0)
  return { ms: ms - after, steps: steps.slice(0, at + 1).map(({ title, ms }) => [title, ms]) }
}

const bench = await makeBench()
try {
  const folder = join(bench.home, EXAMPLE)
  await cp(join(EXAMPLES, EXAMPLE), folder, {
    recursive: true,
    filter: path => !path.includes('node_modules'),
  })
  const file = join(folder, 'innkeeper.yaml')
  await writeFile(
    file,
    `${await readFile(file, 'utf8')}watch: 0\nenvironments: { staging: {}, production: { protection: { from: [staging] } } }\n`,
  )
  const rounds = { deploy: [] as number[], copy: [] as number[], promote: [] as number[] }
  /** Milliseconds until what staging serves is copied to where it will be promoted; nobody waits for that. */
  const copied = async (release: string): Promise<number> => {
    const begun = performance.now()
    const there = join(bench.home, 'apps', EXAMPLE, 'ahead', `${EXAMPLE}@staging.${release}`)
    while (!existsSync(there)) await sleep(100)
    return performance.now() - begun
  }
  let last: ReturnType<typeof switched> | null = null
  for (let n = 0; n <= ROUNDS; n++) {
    for await (const source of glob('*/src/**/main.ts', { cwd: folder }))
      await appendFile(join(folder, source), `\n// round ${n}\n`)
    const made = await bench.inn(['deploy', '--environment', 'staging'], folder)
    const deployed = switched(made)
    if (n > 0) rounds.copy.push(await copied(made.release))
    const promoted = switched(await bench.inn(['promote', 'staging', '--yes'], folder))
    // The first promotion makes the database of production.
    if (n === 0) continue
    rounds.deploy.push(deployed.ms)
    rounds.promote.push(promoted.ms)
    last = promoted
  }
  const [deploy, promote] = [median(rounds.deploy), median(rounds.promote)]
  console.log(
    JSON.stringify(
      {
        example: EXAMPLE,
        rounds: ROUNDS,
        deployMs: deploy,
        copyMs: median(rounds.copy),
        promoteMs: promote,
        promoteToDeploy: promote / deploy,
        last,
      },
      null,
      2,
    ),
  )
} finally {
  await bench.remove()
}
