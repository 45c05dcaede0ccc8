import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRunbook } from './parse.ts'
import { type Act, actsOf, alone, begins, isQuiet, nextOf, type Outcome, PENDING, settled } from './rule.ts'

const { items } = parseRunbook(
  'x',
  `# T
## Look
\`\`\`inn
inn status
\`\`\`
## Is it locked?
\`\`\`inn sql
select 1
\`\`\`
\`\`\`inn
inn db kill <pid> --app <app>
inn restart <app>
\`\`\`
## Is it the provider?
Call them.
## Tell everybody
`,
).runbook

/** The items that come, one after the other, when each ends like this. */
function walked(states: ReadonlyArray<Outcome['state']>): Array<number | null> {
  const outcomes: Outcome[] = []
  const seen: Array<number | null> = []
  for (const state of states) {
    const at = nextOf(items, outcomes)
    seen.push(at)
    if (at !== null) outcomes[at] = { ...PENDING, state }
  }
  return [...seen, nextOf(items, outcomes)]
}

test('a no leaves out what stands below the question, and nothing else', () => {
  assert.deepEqual(walked(['done', 'no', 'no', 'done']), [0, 1, 4, 5, null])
  assert.deepEqual(walked(['done', 'yes', 'done', 'skipped', 'yes', 'done']), [0, 1, 2, 3, 4, 5, null])
  const outcomes = [
    { ...PENDING, state: 'done' as const },
    { ...PENDING, state: 'no' as const },
  ]
  assert.deepEqual(
    settled(items, outcomes).map(one => one.state),
    ['done', 'no', 'passed', 'passed', 'pending', 'pending'],
  )
})

test('what failed, or nobody knows of, waits for somebody', () => {
  assert.deepEqual(walked(['failed']), [0, 0])
  assert.deepEqual(walked(['done', 'yes', 'unknown']), [0, 1, 2, 2])
  const acts = (n: number, state: Outcome['state']): Act[] => actsOf(items[n]!, { ...PENDING, state })
  assert.deepEqual(
    [acts(0, 'pending'), acts(2, 'unknown'), acts(2, 'running'), acts(1, 'failed'), acts(4, 'pending')],
    [['do', 'skip'], ['do', 'skip'], [], ['do', 'yes', 'no'], ['yes', 'no']],
  )
})

test('what reads is done without a question; alone, a walk stops where a person is needed', () => {
  assert.deepEqual(items.map(isQuiet), [true, false, false, false, false, false])
  assert.deepEqual(
    items.map(item => alone(item, PENDING)),
    ['do', 'do', null, 'do', null, 'skip'],
  )
  assert.equal(alone(items[3]!, { ...PENDING, state: 'failed' }), null)
})

test('one runs by itself once for each occurrence of its alerts, and not too often', () => {
  const autos = [{ runbook: 'down', on: ['app.down', 'InstanceDown'], everyMs: 1_000 }]
  const firing = [
    { occurrence: 'a', name: 'app.down' },
    { occurrence: 'b', name: 'DiskSpace' },
  ]
  const of = (
    before: Array<{ runbook: string; occurrence: string; at: number; open?: boolean }>,
    now = 5_000,
  ) => begins(autos, { firing, before: before.map(one => ({ open: false, ...one })), now })
  assert.deepEqual(of([]), [{ runbook: 'down', occurrence: 'a' }])
  assert.deepEqual(of([{ runbook: 'down', occurrence: 'a', at: 0 }]), [])
  assert.deepEqual(of([{ runbook: 'down', occurrence: 'z', at: 4_001 }]), [])
  assert.deepEqual(of([{ runbook: 'down', occurrence: 'z', at: 4_000 }]), [
    { runbook: 'down', occurrence: 'a' },
  ])
  // An alert that comes and goes would otherwise leave one behind each time, for nobody.
  assert.deepEqual(of([{ runbook: 'down', occurrence: 'z', at: 0, open: true }]), [])
  assert.deepEqual(of([{ runbook: 'other', occurrence: 'a', at: 4_999 }]), [
    { runbook: 'down', occurrence: 'a' },
  ])
})
