import type { TestContext } from 'node:test'
import { type Answer, type Printed, printedBy, standIn } from '../cli/stand-in.fixture.ts'
import { main } from './program.ts'

/** A command as it is typed, read by the whole command line, against a stand-in of the keeper. */
export async function typed(t: TestContext, args: readonly string[], answers: Record<string, Answer> = {}) {
  const keeper = await standIn(t, answers)
  t.mock.method(process, 'exit', (code: number) => {
    throw new Refused(code)
  })
  const printed: Printed = await printedBy(t, () => main([...args], keeper.home))
  return { ...printed, calls: keeper.calls(), json: () => JSON.parse(printed.out) as unknown }
}

/** The command line was wrong, and the process would have ended here. */
export class Refused extends Error {
  readonly code: number
  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}
