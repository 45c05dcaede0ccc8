import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hiding } from './hide.ts'

test('hidden values are replaced in each of their forms, the longest first, and short ones are left', () => {
  const hide = hiding({
    A: ['secret-a'],
    B: ['secret-a/"b"'],
    KEY: ['-----BEGIN\nline-one-of-it\nx'],
    OFF: ['true'],
  })
  assert.equal(hide('secret-a secret-a/"b" true'), '***A*** ***B*** true')
  assert.equal(hide('{"b":"secret-a/\\"b\\""} ?b=secret-a%2F%22b%22'), '{"b":"***B***"} ?b=***B***')
  assert.equal(hide('-----BEGIN\nline-one-of-it\nx'), '-----BEGIN\n***KEY***\nx')
  assert.equal(hiding({})('secret-a'), 'secret-a')
})
