import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takenOver } from './receive.ts'

const at = (name: string) => `/mnt/received/000000010000000000000003/${name}`
const one = (n: string) => `0000000100000000000000${n}`
const two = (n: string) => `0000000200000000000000${n}`

test('what is archived goes; what is not, and what is being written, stays', () => {
  const paths = [at(one('03')), at(one('04')), at(`${one('05')}.partial`)]
  assert.deepEqual(takenOver(paths, [one('02'), one('03')]), [at(one('03'))])
  assert.deepEqual(takenOver(paths, [one('03'), one('05')]), [at(one('03'))], 'a gap of the archive stays')
})

test('a later timeline that went over a segment makes it useless, and only then', () => {
  const paths = [at(`${one('05')}.partial`), at(`${one('06')}.partial`), at('00000002.history')]
  assert.deepEqual(takenOver(paths, [one('04'), two('05')]), [at(`${one('05')}.partial`)])
})

test('nothing goes while nothing is archived', () => {
  assert.deepEqual(takenOver([at(one('03'))], []), [])
})
