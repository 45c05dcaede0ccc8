import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { channelNotices } from './request.ts'

const alertsOf = (text: string) =>
  readConfigOrFail(`name: shop\nservices: { web: { start: node a.js } }\nalerts: ${text}`)
const noticesOf = (text: string) => channelNotices({ channels: async () => ['ops'] }, alertsOf(text))

test('a rule that names a channel which is not there is said, once for each', async () => {
  assert.deepEqual(await noticesOf('[]'), [])
  assert.deepEqual(await noticesOf("['errors > 2% for 5m: ops', 'p95 > 1s']"), [])
  const [notice, ...others] = await noticesOf(
    "['errors > 2%: sms', 'p95 > 1s: sms', 'requests > 9/s: pager']",
  )
  assert.match(notice!, /names sms and pager, .* `inn notify add`/)
  assert.deepEqual(others, [])
})
