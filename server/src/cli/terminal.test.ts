import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printedBy } from './stand-in.fixture.ts'
import { openTerminal, table } from './terminal.ts'

test('columns are as wide as their widest cell, without the colours and without spaces at the end', () => {
  const rows = [
    ['shop', '\x1b[32mserving\x1b[39m', 'x'],
    ['a-long-name', '-'],
    ['b', '-', ''],
  ]
  assert.deepEqual(table(['APP', 'STATE', 'N'], rows).split('\n'), [
    'APP          STATE    N',
    'shop         \x1b[32mserving\x1b[39m  x',
    'a-long-name  -',
    'b            -',
  ])
  assert.equal(table(['APP', 'STATE'], []), 'APP  STATE')
})

test('where no person sits: no colours, nothing in passing, notes apart, and no command of a stranger', async t => {
  const { out, err } = await printedBy(t, async () => {
    const terminal = openTerminal()
    assert.equal(terminal.interactive, false)
    terminal.transient('passing')
    terminal.print(terminal.paint('red', 'bad\x1b[2J\x1b[31m'))
    terminal.note('by the way\x07')
  })
  assert.deepEqual([out, err], ['bad\n', 'by the way\n'])
})
