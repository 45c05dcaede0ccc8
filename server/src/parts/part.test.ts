import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StepContext } from '../engine/run.ts'
import { allSentences, openParts, part } from './part.ts'

const context = {} as StepContext

const doors = part({
  name: 'doors',
  sentences: async () => ({ 'door.open': (step: { kind: 'door.open'; n: number }) => `open door ${step.n}` }),
  open: async ({ hand }: { hand: (n: number) => string }) => ({
    perform: async (step: { kind: 'door.open'; n: number }) => hand(step.n),
    timers: [{ name: 'doors', everyMs: 1_000, work: async () => {} }],
    alarms: async () => [{ code: 'walls.ports', level: 'soon' as const, what: 'it sticks', fix: 'oil it' }],
  }),
})
const words = part({ name: 'words' })

test('a step goes to the noun that has its sentence, with what the keeper gives to that noun', async () => {
  const house = { hand: (n: number) => `door ${n} is open` }
  const open = await openParts([words, doors], house)
  assert.equal(await open.perform({ kind: 'door.open', n: 3 } as never, context), 'door 3 is open')
  assert.deepEqual(
    open.timers.map(timer => timer.name),
    ['doors'],
  )
  assert.deepEqual(
    open.alarms.map(source => source.of),
    ['doors'],
  )
  assert.equal((await open.alarms[0]!.alarms())[0]!.code, 'walls.ports')
})

test('a step that no noun has is refused by its name', async () => {
  const { perform } = await openParts([words], {})
  assert.throws(() => perform({ kind: 'door.close' }, context), /no noun performs the step door\.close/)
})

test('two nouns with a step of one kind end the start, and so does a step that nobody performs', async () => {
  await assert.rejects(allSentences([doors, { ...doors, name: 'gates' }]), /gates has a step door\.open/)
  const idle = { name: 'idle', sentences: async () => ({ 'idle.step': () => 'nothing' }) }
  await assert.rejects(openParts([idle], {}), /idle has the step idle\.step, and nothing performs it/)
})
