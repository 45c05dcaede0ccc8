import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { typed } from '../../bin/program.fixture.ts'
import {
  type Answer,
  cliOf,
  failsWith,
  framesOut,
  printedBy,
  refuses,
  says,
} from '../../cli/stand-in.fixture.ts'
import type { Ends } from './cli-ends.ts'
import { run } from './cli-run.ts'
import { InputTaken } from './wire-command.ts'

const PATH = 'POST /api/apps/shop/commands'
/** No text in any encoding; printed as text it would be longer, or shorter. */
const BYTES = Buffer.from(Array.from({ length: 1024 }, (_, n) => n % 256))

/** Runs a command with these streams of its own. */
async function ran(
  t: TestContext,
  answers: Record<string, Answer>,
  { input = Readable.from([]), terminal = false }: { input?: Readable; terminal?: boolean } = {},
) {
  const { cli, keeper } = await cliOf(t, answers)
  const [output, errors] = [new PassThrough(), new PassThrough()]
  const did: string[] = []
  const ends: Ends = {
    input,
    output: Object.assign(output, { columns: 100, rows: 40 }),
    errors,
    terminal,
    kind: 'xterm',
    raw: () => void did.push('raw'),
    release: () => void did.push('release'),
  }
  const read = Promise.all([buffer(output), buffer(errors)])
  const { code } = await printedBy(t, () => run(cli, ['node', 'x.js'], { app: 'shop' }, ends))
  output.end()
  errors.end()
  const [out, err] = await read
  return { out, err, code, did, calls: keeper.calls() }
}

test('both outputs arrive byte for byte, each on its own, and the command ends with its own code', async t => {
  const answer = framesOut(
    [3, { id: 'c1' }],
    [1, BYTES],
    [2, 'oh\x1b[2J\r\n'],
    [0, ''],
    [1, BYTES],
    [3, { code: 7 }],
  )
  const { out, err, code, calls } = await ran(t, { [PATH]: answer })
  assert.deepEqual(out, Buffer.concat([BYTES, BYTES]))
  assert.equal(err.toString(), 'oh\x1b[2J\r\n', 'the person asked for the stream of this command')
  assert.equal(code, 7)
  assert.deepEqual(calls[0]![1], { argv: ['node', 'x.js'], env: {} })
})

test('standard input goes to the command piece by piece, again what it did not take, then its end', async t => {
  const got: Buffer[] = []
  const kept = InputTaken.parse({ open: true, taken: true })
  let end = () => {}
  const answers: Record<string, Answer> = {
    [PATH]: response => {
      const id = Buffer.from('{"id":"c1"}')
      response.writeHead(200).write(Buffer.concat([Buffer.from([3, 0, 0, 0, id.length]), id]))
      end = () =>
        framesOut([3, { code: 0 }])(Object.assign(response, { writeHead: () => response }), null as never)
    },
    'POST /api/apps/shop/commands/c1/input': (response, asked) => {
      got.push(asked.body as Buffer)
      says(InputTaken, { ...kept, taken: got.length > 1 })(response, asked)
    },
    'DELETE /api/apps/shop/commands/c1/input': (response, asked) => {
      says(InputTaken, { open: false, taken: true })(response, asked)
      end()
    },
  }
  await ran(t, answers, { input: Readable.from([BYTES, Buffer.from('rest')]) })
  assert.deepEqual(got[0], got[1], 'what was not taken is sent again')
  assert.deepEqual(Buffer.concat(got.slice(1)), Buffer.concat([BYTES, Buffer.from('rest')]))
})

test('where there is a terminal the command gets one of this size, and every key', async t => {
  const answer = framesOut([3, { id: 'c1' }], [3, { code: 0 }])
  const { did, calls } = await ran(t, { [PATH]: answer }, { terminal: true })
  const { terminal } = calls[0]![1] as { terminal: unknown }
  assert.deepEqual(terminal, { columns: 100, rows: 40, kind: 'xterm' })
  assert.deepEqual(did, ['raw', 'release'])
})

test('the flags of a command stay its own, also without the --', async t => {
  const answers = { [PATH]: framesOut([3, { code: 0 }]) }
  const own = ['--service', 'web', '--release', 'r1', '--env', 'A=1']
  const one = await typed(t, ['run', '--app', 'shop', ...own, '--', 'node', '--json', '-e', 'x y'], answers)
  const argv = ['node', '--json', '-e', 'x y']
  assert.deepEqual(one.calls[0]![1], { argv, service: 'web', release: 'r1', env: { A: '1' } })
  const other = await typed(t, ['exec', '--app', 'shop', 'node', '--env', 'B=2'], answers)
  assert.deepEqual(other.calls[0]![1], { argv: ['node', '--env', 'B=2'], env: {} })
})

test('its document has the code and the lines of each output', async t => {
  const answers = { [PATH]: framesOut([1, 'one\n\ntw'], [2, 'oh\r\n'], [1, 'o\n'], [3, { code: 0 }]) }
  const { json, code } = await typed(t, ['run', '--json', '--app', 'shop', 'true'], answers)
  assert.deepEqual([json(), code], [{ code: 0, lines: ['one', '', 'two'], errors: ['oh'] }, 0])
})

test('a command that could not be started fails as the keeper says; one whose keeper ended says so', async t => {
  const failure = { code: 'exec.timeout', what: 'it took too long', why: 'an hour', fix: 'split it' }
  const fails = (answer: Answer) => typed(t, ['run', '--app', 'shop', 'true'], { [PATH]: answer })
  await assert.rejects(fails(framesOut([1, 'one'], [3, { failure }])), failsWith('exec.timeout'))
  await assert.rejects(fails(refuses(404, { ...failure, code: 'app.unknown' })), failsWith('app.unknown'))
  await assert.rejects(fails(framesOut([1, 'one'])), failsWith('keeper.unreachable'))
})
