import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reasonIn } from './reason.ts'

const log = (...lines: string[]): string =>
  lines.map(line => `2026-11-20T10:00:00.00000 - 2026-11-20 10:00:00.123 UTC [41] ${line}\n`).join('')
const BUSY = Array.from({ length: 40 }, () => 'FATAL:  the database system is starting up')

test('the last FATAL or PANIC is the reason, with its details and what came before, and without what callers are told', () => {
  const text = log(
    ...BUSY,
    'LOG:  starting point-in-time recovery to 2026-11-20 09:00:00+00',
    ...BUSY,
    'FATAL:  recovery ended before configured recovery target was reached',
    'DETAIL:  the log ends at 0/7000028',
    'HINT:  try removing the file backup_label',
    'LOG:  startup process (PID 42) exited with exit code 1',
    ...BUSY,
    'FATAL:  the database system is shutting down',
  )
  assert.equal(
    reasonIn(text),
    [
      'FATAL:  recovery ended before configured recovery target was reached',
      'DETAIL:  the log ends at 0/7000028',
      'before that:',
      'LOG:  starting point-in-time recovery to 2026-11-20 09:00:00+00',
    ].join('\n'),
  )
  const panic = log('LOG:  invalid checkpoint record', 'PANIC:  could not locate a valid checkpoint record')
  assert.match(reasonIn(panic), /^PANIC: {2}could not locate a valid checkpoint record\n/)
})

test('a program that fails before PostgreSQL says anything is the reason itself', () => {
  assert.equal(reasonIn('2026-11-20T10:00:00.00000 - sh: postgres: not found\n'), 'sh: postgres: not found')
  assert.equal(reasonIn(log(...BUSY)), '')
})
