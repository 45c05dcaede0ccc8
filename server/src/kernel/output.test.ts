import assert from 'node:assert/strict'
import { test } from 'node:test'
import { telling } from './output.ts'

const many = (n: number, line: string) => Array.from({ length: n }, (_, i) => `${line} ${i}`).join('\n')

test('a short output is told whole, without colours', () => {
  assert.equal(telling('\x1b[31merror\x1b[39m: no such table\n'), 'error: no such table')
})

test('the reason is told, not the stack that follows it', () => {
  const output = `> migrating\nError executing:\nerror: relation "guest" exists\n${many(30, '    at run (/app/node_modules/pg/lib/client.js)')}\nNode.js v24.1.0\n`
  assert.equal(telling(output), '> migrating\nError executing:\nerror: relation "guest" exists')
})

test('of a long output: from the first error on, and its end', () => {
  const output = `${many(40, 'compiling')}\nsrc/a.ts(3,1): error TS2322: no\n${many(40, 'context')}\nnpm error code 2\n`
  const told = telling(output).split('\n')
  assert.equal(told[0], 'src/a.ts(3,1): error TS2322: no')
  assert.deepEqual(told.slice(-3), ['…', 'context 39', 'npm error code 2'])
  assert.equal(told.length, 12)
})

test('what warns, or says that nothing is wrong, is no reason', () => {
  const output = `npm warn deprecated x: will fail\nfound 0 errors\n${many(20, 'step')}\nboom\n`
  assert.equal(telling(output).split('\n').at(-1), 'boom')
  assert.equal(telling(output).split('\n').length, 12)
})
