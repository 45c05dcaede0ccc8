import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestEvent } from 'node:test/reporters'

/** The variable that names the file for the counts of a run. */
export const TALLY = 'INNKEEPER_TEST_TALLY'

export interface Tally {
  passed: number
  failed: number
  skipped: number
}

/** A reporter of node:test that says how many tests passed, failed and were left out, as JSON. */
export default async function* tally(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    // Each file has a summary of its own; that of the whole names none.
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue
    const { tests, passed, skipped, todo } = event.data.counts
    yield JSON.stringify({ passed, failed: tests - passed - skipped - todo, skipped })
  }
}

/** The options of node:test that bring it about, beside what is shown. */
export function tallyOptions(shown: string): string[] {
  const file = process.env[TALLY]
  if (file === undefined) return []
  const reporters = [
    [shown, 'stdout'],
    [join(import.meta.dirname, 'tally.ts'), file],
  ]
  return reporters.flatMap(([name, to]) => [`--test-reporter=${name}`, `--test-reporter-destination=${to}`])
}

/** null: the tests did not come to their end. */
export async function readTally(file: string): Promise<Tally | null> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text === '' ? null : (JSON.parse(text) as Tally)
}
