import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openStore } from '../../db/db.ts'
import { HOUR, MAIL, MINUTE, world, YAML } from './jobs.fixture.ts'

/** What a history does to a keeper: it looks, or dies at one of its writes, and the clock moves. */
const life = fc.array(
  fc.record({
    ms: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1_000, max: 90_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: HOUR, max: 5 * HOUR }) },
      { weight: 1, arbitrary: fc.integer({ min: -20 * MINUTE, max: 0 }) },
    ),
    /** The write at which it dies; 0: at none. */
    diesAt: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 6 }) },
    ),
    ends: fc.boolean(),
  }),
  { maxLength: 40 },
)

test('a keeper that dies at any of its writes and starts runs no moment twice, and leaves none to nobody', async () => {
  await fc.assert(
    fc.asyncProperty(life, fc.constantFrom('skip', 'wait'), async (steps, overlap) => {
      const at = world(YAML(`schedule: "*/3 * * * *", overlap: ${overlap}`), openStore(':memory:'))
      at.state.usual = null
      let jobs = at.open()
      await jobs.tick()
      for (const { ms, diesAt, ends } of steps) {
        at.state.now += ms
        if (ends)
          for (const one of at.state.ends.keys())
            at.state.ends.set(one, { how: 'exit', code: 0, signal: null })
        const alive = dying(at, diesAt)
        if (diesAt > 0) jobs = alive.open()
        await jobs.tick().catch(() => {})
        if (diesAt > 0) jobs = at.open()
      }
      for (const one of at.state.ends.keys()) at.state.ends.set(one, { how: 'exit', code: 0, signal: null })
      at.state.usual = { how: 'exit', code: 0, signal: null }
      for (let n = 0; n < 20; n++, at.state.now += n < 16 ? 5_000 : 0) await jobs.tick()
      const moments = at.state.started.map(({ program }) => program.env['INNKEEPER_JOB_MOMENT'])
      assert.equal(new Set(moments).size, moments.length, 'one moment ran twice')
      const runs = await at.store.history(MAIL, 10_000)
      const begun = runs.filter(run => run.attempt > 0)
      // One that a keeper was about to begin, and the next one found after its time, may have run for all that it knows.
      const [cut, done] = [begun.filter(run => run.state === 'failed'), begun.filter(isDone)]
      assert.deepEqual([done.length, cut.length + done.length], [moments.length, begun.length])
      // Or one that it tried to begin for as long as its time lasts, after the one before it had died at that.
      for (const run of cut) assert.match(run.why!, /^it (was cut off|could not be started)/)
    }),
    { numRuns: 150 },
  )
})

const isDone = ({ state }: { state: string }) => state === 'done'

/** The same world for a keeper that dies before so many writes and starts. */
function dying(at: ReturnType<typeof world>, dies: number) {
  let left = dies
  const mortal = <T extends object>(real: T): T =>
    new Proxy(real, {
      get(target, name, receiver) {
        const value = Reflect.get(target, name, receiver)
        if (typeof value !== 'function' || dies === 0) return value
        return (...args: unknown[]) => {
          if (--left <= 0) throw new Error('killed')
          return value.apply(target, args)
        }
      },
    })
  const ports = { ...at.ports, store: mortal(at.ports.store), runner: mortal(at.ports.runner) }
  return { open: () => at.open(ports) }
}
