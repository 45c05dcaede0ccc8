import { Readable } from 'node:stream'
import { spec, type TestEvent } from 'node:test/reporters'

/** A reporter of node:test that says of the tests what `spec` does, and of coverage one line instead of a table of all files. */
export default async function* coverageLine(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let line = ''
  async function* others() {
    for await (const event of events)
      if (event.type === 'test:coverage') line = lineOf(event)
      else yield event
  }
  for await (const text of Readable.from(others()).compose(new spec())) yield String(text)
  yield line
}

function lineOf({ data }: Extract<TestEvent, { type: 'test:coverage' }>): string {
  const { files, totals } = data.summary
  const percent = (share: number) => `${share.toFixed(1)} %`
  return `coverage by the quick tests, of the ${files.length} files that they load: lines ${percent(totals.coveredLinePercent)}, branches ${percent(totals.coveredBranchPercent)}, functions ${percent(totals.coveredFunctionPercent)}\n`
}
