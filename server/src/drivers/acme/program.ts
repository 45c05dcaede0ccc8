import { createInterface } from 'node:readline'
import { describe } from '../../kernel/failure.ts'
import type { Ordering, Proof } from '../../reach/certificates/authority.ts'
import { direct } from './acme.ts'
import { type Call, type Question, type Reply, taken } from './lines.ts'

// Asks one authority one thing: run by apart.ts, which reads what is printed and answers on standard input.
const waiting = new Map<number, (value: unknown) => void>()
const print = (question: Question) => void process.stdout.write(`${JSON.stringify(question)}\n`)
let asked = 0
const ask = (question: { show: Proof } | { hide: Proof } | { worthwhile: readonly string[] }) =>
  new Promise<unknown>(resolve => {
    const id = asked++
    waiting.set(id, resolve)
    print({ id, ...question })
  })

const ordering: Ordering = {
  show: async proof => (await ask({ show: proof })) as string | null,
  hide: async proof => void (await ask({ hide: proof })),
  worthwhile: async names => (await ask({ worthwhile: names })) === true,
  say: line => print({ say: line }),
  // A run that is cancelled ends this process.
  signal: new AbortController().signal,
}

async function perform(call: Call): Promise<unknown> {
  const authorities = direct()
  if (call.do === 'issue')
    return authorities.issue({ ...call.order, account: taken(call.order.account) }, ordering)
  const account = taken(call.account)
  return call.do === 'caaNames' ? authorities.caaNames(account) : authorities.renewal(account, call.chain)
}

async function main(call: Call): Promise<void> {
  const told: Question = await perform(call).then(
    value => ({ value }),
    (error: unknown) => ({ failure: describe(error) }),
  )
  process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0))
}

let begun = false
for await (const line of createInterface({ input: process.stdin })) {
  if (begun) {
    const { id, value } = JSON.parse(line) as Reply
    waiting.get(id)?.(value)
    waiting.delete(id)
  } else {
    begun = true
    void main(JSON.parse(line) as Call)
  }
}
