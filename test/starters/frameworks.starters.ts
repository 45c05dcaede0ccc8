import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { showDuration } from '../../server/src/kernel/durations.ts'
import { keepingRegistry } from '../kit/registry.ts'
import { STARTERS } from './frameworks.ts'
import { type Broken, type Trial, today } from './starter.ts'
import { withTrial } from './table.ts'
import { tryOut } from './tried.ts'

const PAGE = join(import.meta.dirname, '../../docs/frameworks.md')
const LONGEST_MS = 2_700_000
const NAMES = STARTERS.map(starter => starter.name)

/** Beside the roots of ./inn test --root. */
const KEPT = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'innkeeper-test/packages')

let registry: Awaited<ReturnType<typeof keepingRegistry>>
before(async () => {
  registry = await keepingRegistry(KEPT)
})
after(() => registry?.close())

async function writeDown(trial: Trial | Broken): Promise<void> {
  await writeFile(PAGE, withTrial(await readFile(PAGE, 'utf8'), trial, NAMES))
}

const firstLine = (error: Error): string => error.message.split('\n')[0]!.replaceAll('|', '/').slice(0, 200)

// One after the other: each build wants the machine for itself, and the seconds are those of one deploy.
for (const starter of STARTERS) {
  test(starter.name, { timeout: LONGEST_MS }, async () => {
    const began = performance.now()
    // Minutes go by in one test: the reporter shows nothing until it ends.
    const say = (line: string): void =>
      void process.stderr.write(`${starter.name}, ${showDuration(performance.now() - began)}: ${line}\n`)
    let version = starter.package
    const trial = await tryOut(starter, { registry: registry.url, say, named: now => (version = now) }).catch(
      async (error: Error) => {
        await writeDown({
          name: starter.name,
          version,
          from: starter.from,
          reason: firstLine(error),
          day: today(),
        })
        throw error
      },
    )
    await writeDown(trial)
    assert.ok(trial.requests > 100, `${trial.requests} requests`)
    assert.equal(trial.lost, 0, `${trial.lost} of ${trial.requests} requests were lost`)
  })
}
