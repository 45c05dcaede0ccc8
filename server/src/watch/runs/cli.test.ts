import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { typed } from '../../bin/program.fixture.ts'
import { failsWith, refuses, says } from '../../cli/stand-in.fixture.ts'

const accepted = says(z.object({ accepted: z.literal(true) }), { accepted: true })

test('inn cancel takes back the run that is named', async t => {
  const { calls, out, code } = await typed(t, ['cancel', 'run-1'], { 'POST /api/runs/run-1/undo': accepted })
  assert.deepEqual(calls, [['POST /api/runs/run-1/undo', {}]])
  assert.deepEqual([out, code], ['it is being taken back\n', 0])
})

test('with --json the answer of the keeper is the document', async t => {
  const { json } = await typed(t, ['cancel', 'run-1', '--json'], { 'POST /api/runs/run-1/undo': accepted })
  assert.deepEqual(json(), { accepted: true })
})

test('what cannot be taken back ends the command with the reason', async t => {
  const failure = {
    code: 'run.past-return',
    what: 'too late',
    why: 'it ended: done',
    fix: '`inn rollback shop`',
  }
  const refused = typed(t, ['cancel', 'run-1'], { 'POST /api/runs/run-1/undo': refuses(409, failure) })
  await assert.rejects(refused, failsWith('run.past-return'))
})
