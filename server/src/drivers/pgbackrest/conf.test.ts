import assert from 'node:assert/strict'
import { test } from 'node:test'
import { restoreCommand } from './conf.ts'

test('PostgreSQL finds only placeholders that it knows: since 16 it refuses others, and starts no recovery', () => {
  const command = restoreCommand('shop', 'folder', {
    conf: '/home/100% own/pgbackrest.conf',
    data: '/data',
    received: '/received',
  })
  const known = /%[%fpr]/g
  assert.deepEqual(command.replaceAll(known, '').match(/%.?/g), null, command)
  const seen = command.replaceAll(known, sign => (sign === '%%' ? '%' : sign))
  assert.match(seen, /stat -c %s /)
  assert.match(seen, /--config=\/home\/100% own\//)
})
