import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at } from '../cli/client.ts'
import { printedBy, standIn } from '../cli/stand-in.fixture.ts'
import { main } from './program.ts'

const HOSTILE = 'shop/restart?a=b#c%2f é'
const ENCODED = 'shop%2Frestart%3Fa%3Db%23c%252f%20%C3%A9'

test('what is filled into a path is one name of it, whatever it is', () => {
  assert.equal(at`/api/apps/${'shop'}/stop`, '/api/apps/shop/stop')
  assert.equal(at`/api/apps/${HOSTILE}/runs/${'a/b'}`, `/api/apps/${ENCODED}/runs/a%2Fb`)
  assert.equal(at`/api/status`, '/api/status')
})

/** Commands that are given a name, and what they ask the keeper for. */
const COMMANDS: Array<[string[], string]> = [
  [['stop', HOSTILE, '--yes'], 'POST /api/apps/NAME/stop'],
  [['start', HOSTILE], 'POST /api/apps/NAME/start'],
  [['restart', HOSTILE], 'POST /api/apps/NAME/restart'],
  [['rollback', HOSTILE], 'POST /api/apps/NAME/rollback'],
  [['switch', 'blue', HOSTILE], 'POST /api/apps/NAME/switch'],
  [['scale', 'api=3', '--app', HOSTILE], 'POST /api/apps/NAME/scale'],
  [['remove', HOSTILE, '--yes'], 'POST /api/apps/NAME/remove'],
  [['releases', HOSTILE], 'GET /api/apps/NAME/releases'],
  [['run', '--app', HOSTILE, '--', 'node', 'x.js'], 'POST /api/apps/NAME/commands'],
  [['logs', HOSTILE], 'GET /api/apps/NAME/logs?lines=100'],
  [['logs', HOSTILE, '-f'], 'GET /api/apps/NAME/logs?lines=100&follow=true'],
  [['ps', HOSTILE], 'GET /api/apps/NAME'],
  [['cancel', HOSTILE], 'POST /api/runs/NAME/undo'],
  [['people', 'remove', HOSTILE], 'DELETE /api/people/NAME'],
]

test('no command is led to another route by the name that it is given', async t => {
  for (const [args, path] of COMMANDS) {
    const keeper = await standIn(t, {})
    t.mock.method(process, 'exit', (code: number) => assert.fail(`${args.join(' ')}: exit ${code}`))
    await assert.rejects(
      printedBy(t, () => main(args, keeper.home)),
      { code: 'route.unknown' },
      args.join(' '),
    )
    assert.equal(keeper.calls()[0]![0], path.replace('NAME', ENCODED), args.join(' '))
  }
})
