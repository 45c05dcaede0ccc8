import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diskAlarms } from './rule.ts'

const GB = 1024 ** 3
const disk = (path: string, freeBytes: number, totalBytes = 100 * GB) => ({ path, totalBytes, freeBytes })

test('a disk that is nearly full is told of, and how bad it is', () => {
  const of = (freeBytes: number) => diskAlarms([disk('/h', freeBytes)]).map(one => one.level)
  assert.deepEqual(of(6 * GB), [])
  assert.deepEqual(of(4 * GB), ['soon'])
  assert.deepEqual(of(1.5 * GB), ['late'])
  assert.deepEqual(of(0), ['late'])
  assert.deepEqual(diskAlarms([disk('/proc', 0, 0)]), [], 'it has no size')
  const [one] = diskAlarms([disk('/fine', 50 * GB), disk('/mnt/backups', 0)])
  assert.equal(one!.what, 'the disk of /mnt/backups is 100 % full: 0 B of 100 GB are free')
})
