import { generateKeyPair } from 'node:crypto'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type {
  Authorities,
  Issued,
  Ordering,
  Proof,
  RenewalWindow,
} from '../../reach/certificates/authority.ts'
import { execHeld } from '../host/held.ts'
import { networkEnv } from '../host/network.ts'
import { COMPILED_BEFORE, programBeside } from '../host/program.ts'
import { tailOf } from '../host/tail.ts'
import { type Call, carried, type Question, type Reply } from './lines.ts'

const PROGRAM = programBeside(import.meta, 'program')
const MOST_MEMORY = 512 * 1024 ** 2
/** Longer than an authority takes for the slowest of orders. */
const LONGEST_MS = 15 * 60_000

/**
 * Authorities, each asked by a process of its own. What speaks ACME weighs as much as the rest of the keeper, and is
 * needed for seconds in two months. Orders hold keys, so they go through the pipe and never stand in a command line.
 */
export const acme = (): Authorities => ({
  async newKey() {
    const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  },
  issue: async (order, ordering) =>
    (await apart({ do: 'issue', order: { ...order, account: carried(order.account) } }, ordering)) as Issued,
  caaNames: async account =>
    (await apart({ do: 'caaNames', account: carried(account) }, QUIET)) as readonly string[],
  renewal: async (account, chain) =>
    (await apart({ do: 'renewal', account: carried(account), chain }, QUIET)) as RenewalWindow | null,
})

/** For calls that ask nothing back. */
const QUIET: Ordering = {
  show: async () => null,
  hide: async () => {},
  worthwhile: () => false,
  say: () => {},
  signal: new AbortController().signal,
}

async function apart(call: Call, ordering: Ordering): Promise<unknown> {
  const broken = new AbortController()
  const shown = new Map<string, Proof>()
  const stdout = new PassThrough()
  const errors = tailOf(4_000)
  const flags = ['--disable-warning=ExperimentalWarning', '--max-old-space-size=128']
  const held = await execHeld(
    {
      argv: [process.execPath, ...flags, PROGRAM],
      env: { ...networkEnv(process.env), ...COMPILED_BEFORE },
      memoryBytes: MOST_MEMORY,
      timeoutMs: LONGEST_MS,
      signal: AbortSignal.any([ordering.signal, broken.signal]),
    },
    { stdout, stderr: errors.stream() },
  )
  const send = (value: unknown) => void held.stdin.write(`${JSON.stringify(value)}\n`)
  const finished = held.finished.finally(() => stdout.end())
  send(call)
  try {
    let told: Extract<Question, { value: unknown } | { failure: unknown }> | null = null
    for await (const line of createInterface({ input: stdout })) {
      const question = JSON.parse(line) as Question
      if ('value' in question || 'failure' in question) told = question
      else await respond(question, { ordering, shown, send, broken })
    }
    const { code, signal } = await finished
    if (told !== null && 'value' in told) return told.value
    if (told !== null) throw new Failure(told.failure.code, told.failure.what, told.failure)
    throw ended(code ?? signal, errors.text())
  } finally {
    // Of a program that was killed they would stay for an hour.
    for (const proof of shown.values()) await ordering.hide(proof).catch(() => {})
    await finished.catch(() => {})
  }
}

interface Responding {
  ordering: Ordering
  /** What is shown now. */
  shown: Map<string, Proof>
  send(reply: Reply): void
  broken: AbortController
}

/** Does what the program asks for. What fails here ends it: it could not go on. */
async function respond(
  question: Exclude<Question, { value: unknown } | { failure: unknown }>,
  { ordering, shown, send, broken }: Responding,
): Promise<void> {
  if ('say' in question) return ordering.say(question.say)
  if ('worthwhile' in question)
    return send({ id: question.id, value: ordering.worthwhile(question.worthwhile) })
  const proof = 'show' in question ? question.show : question.hide
  const key = JSON.stringify(proof)
  try {
    if ('show' in question) shown.set(key, proof)
    const value = 'show' in question ? await ordering.show(proof) : await ordering.hide(proof)
    if ('hide' in question) shown.delete(key)
    send({ id: question.id, value: value ?? null })
  } catch (error) {
    broken.abort(error)
  }
}

const ended = (by: number | string | null, errors: string): Failure =>
  new Failure('certificate.unreachable', 'the program that asks the authority ended without an answer', {
    why: `it ended with ${by}\n${telling(errors)}`,
    fix: 'it is tried again by itself; `inn logs keeper -n 50`',
  })
