import type { TestEvent } from 'node:test/reporters'

/** A reporter of node:test that says nothing of the tests, and of coverage one line. */
export default async function* coverageLine(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type !== 'test:coverage') continue
    const { files, totals } = event.data.summary
    const percent = (share: number) => `${share.toFixed(1)} %`
    yield `coverage by the quick tests, of the ${files.length} files that they load: lines ${percent(totals.coveredLinePercent)}, branches ${percent(totals.coveredBranchPercent)}, functions ${percent(totals.coveredFunctionPercent)}\n`
  }
}
