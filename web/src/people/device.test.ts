import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceOf } from './device.ts'

test('a browser is called what its user calls it, and any other program by its own words', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36'
  assert.equal(deviceOf(chrome), 'Chrome on Linux')
  assert.equal(deviceOf(`${chrome} Edg/140.0`), 'Edge on Linux')
  const phone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Safari/604.1'
  assert.equal(deviceOf(phone), 'Safari on iPhone')
  assert.equal(deviceOf('curl/8.14.1'), 'curl/8.14.1')
  assert.equal(deviceOf(null), 'unknown')
})
