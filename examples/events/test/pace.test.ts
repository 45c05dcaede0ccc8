import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { GrammyError, HttpError } from 'grammy'
import { fateOf } from '../src/outbox/delay.ts'
import { Pace } from '../src/outbox/pace.ts'
import { Bot } from './telegram/bot.ts'

/** Sends as fast as the pace lets it, to a Telegram that refuses what is too fast. */
function sendAll(chats: bigint[]): { took: number; refused: number } {
  const telegram = new Bot('12345:x', [])
  const pace = new Pace()
  const waiting = [...chats]
  let now = 0
  let refused = 0
  for (; waiting.length > 0; now += 50) {
    for (let room = pace.room(now); room > 0; room--) {
      const blocked = pace.blocked(now)
      const next = waiting.findIndex(chat => !blocked.includes(chat))
      if (next < 0) break
      const [chat] = waiting.splice(next, 1) as [bigint]
      pace.begin(chat)
      try {
        telegram.pass(Number(chat), now)
      } catch {
        refused++
      }
      pace.end(chat, now)
    }
  }
  return { took: now, refused }
}

test('a hundred chats take a little more than three seconds', () => {
  const { took, refused } = sendAll(Array.from({ length: 100 }, (_, i) => BigInt(i + 1)))
  equal(refused, 0)
  equal(took > 3000 && took < 3600, true, String(took))
})

test('a private chat hears one a second, a group twenty a minute', () => {
  const privately = sendAll(Array<bigint>(25).fill(7n))
  equal(privately.refused, 0)
  equal(privately.took < 27_000, true)
  const group = sendAll(Array<bigint>(45).fill(-7n))
  equal(group.refused, 0)
  equal(group.took > 120_000 && group.took < 130_000, true, String(group.took))
})

test('a chat under way or paused is left alone, the others are not', () => {
  const pace = new Pace()
  pace.begin(1n)
  pace.pause(2n, 5000)
  deepEqual(pace.blocked(0), [1n, 2n])
  pace.end(1n, 100)
  deepEqual(pace.blocked(4000), [2n])
  deepEqual(pace.blocked(5000), [])
})

const answered = (error_code: number, description: string, parameters = {}) =>
  new GrammyError('failed', { ok: false, error_code, description, parameters }, 'sendMessage', {})

test('what becomes of a message that was not taken', () => {
  const busy = fateOf(answered(429, 'Too Many Requests: retry after 7', { retry_after: 7 }), 3)
  deepEqual([busy.is, 'wait' in busy && busy.wait, 'counts' in busy && busy.counts], ['later', 7000, false])
  equal(fateOf(answered(400, 'Bad Request: message is not modified: …'), 1).is, 'sent')
  equal(fateOf(answered(403, 'Forbidden: bot was blocked by the user'), 1).is, 'failed')
})

test('the wait doubles up to five minutes, and ends', () => {
  const waits = Array.from({ length: 14 }, (_, i) =>
    fateOf(new HttpError('no network', new Error('ECONNREFUSED')), i + 1),
  )
  const seconds = waits.map(fate => (fate.is === 'later' ? fate.wait / 1000 : fate.is))
  deepEqual(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300, 'failed'])
  equal(fateOf(answered(502, 'Bad Gateway'), 1).is, 'later')
})
