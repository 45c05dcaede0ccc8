import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { fieldsOf, readFields } from './fields.ts'

const Schema = z.object({
  name: z.string(),
  email: z.email(),
  role: z.enum(['viewer', 'admin']).default('viewer'),
  days: z.number().int().min(1).max(365).optional(),
})

test('a form has the fields, choices and bounds of its schema', () => {
  const fields = fieldsOf(Schema)
  assert.deepEqual(
    fields.map(({ name, type, required }) => [name, type, required]),
    [
      ['name', 'text', true],
      ['email', 'email', true],
      ['role', 'choice', false],
      ['days', 'number', false],
    ],
  )
  assert.deepEqual(fields[2]!.choices, ['viewer', 'admin'])
  assert.equal(fields[2]!.initial, 'viewer')
  assert.deepEqual([fields[3]!.min, fields[3]!.max, fields[3]!.initial], [1, 365, ''])
})

test('what was typed becomes what the schema reads; empty fields are left out', () => {
  const data = new FormData()
  data.set('name', '  Anna ')
  data.set('email', '')
  data.set('days', '30')
  assert.deepEqual(readFields(fieldsOf(Schema), data), { name: 'Anna', days: 30 })
})
