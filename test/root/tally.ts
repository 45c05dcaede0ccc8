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

/** The options of node:test by which a part of the tests is shown, and counted where that is wanted. */
export function reporterOptions(shown: string, part: 'quick' | 'rest' | 'waiting'): string[] {
  const file = process.env[TALLY]
  const reporters = [
    [shown, 'stdout'],
    ...(file === undefined ? [] : [[join(import.meta.dirname, 'tally.ts'), `${file}.${part}`]]),
  ]
  return reporters.flatMap(([name, to]) => [`--test-reporter=${name}`, `--test-reporter-destination=${to}`])
}

/** Of all parts together; null: the tests did not come to their end. Those that wait are a part of their own in whole runs alone. */
export async function readTally(file: string): Promise<Tally | null> {
  const texts = await Promise.all(
    ['quick', 'rest', 'waiting'].map(part => readFile(`${file}.${part}`, 'utf8').catch(() => '')),
  )
  if (texts.slice(0, 2).includes('')) return null
  const parts = texts.filter(text => text !== '').map(text => JSON.parse(text) as Tally)
  const sum = (of: keyof Tally) => parts.reduce((total, part) => total + part[of], 0)
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
}
