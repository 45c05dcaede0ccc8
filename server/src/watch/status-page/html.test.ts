import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { NOW } from '../incidents/incidents.fixture.ts'
import { feedOf } from './feed.ts'
import { htmlOf, noticeOf, sayingOf } from './html.ts'
import { newsLetter } from './letters.ts'
import { NOTHING } from './rule-days.ts'
import { newsOf } from './rule-news.ts'
import { publicIncident, update, window } from './status-page.fixture.ts'
import { type PageFacts, pageOf } from './view.ts'
import { PageView } from './wire.ts'

const EVIL = `<script>alert(1)</script>"'&`
const facts = (more: Partial<PageFacts> = {}): PageFacts => ({
  ...{ title: 'Hotel', now: NOW, incidents: [], windows: [] },
  components: [{ name: 'Booking', state: 'operational', of: () => ({ ...NOTHING, known: 86_400_000 }) }],
  ...more,
})
const html = (more: Partial<PageFacts> = {}, mails = true) => htmlOf(pageOf(facts(more)), { mails })

test('nothing that is for people who work here is public: no text of alerts, no names, no addresses, no commands', () => {
  const incidents = [publicIncident(), publicIncident({ id: 3, resolved: { by: 'SECRET', at: NOW } })]
  const windows = [window(), window({ id: 5, state: 'on' }), window({ id: 6, state: 'over' })]
  const page = pageOf(facts({ incidents, windows }))
  const news = newsOf({ incidents, windows }, new Set(), NOW)
  const all = [
    htmlOf(page, { mails: true }),
    JSON.stringify(page),
    feedOf({ app: 'shop', title: 'Hotel', url: 'https://status.example/', news }),
    ...news.map(one =>
      JSON.stringify(newsLetter({ title: 'Hotel', url: 'https://s/' }, 'a@b.example', one, 'https://s/u')),
    ),
  ].join('\n')
  assert.doesNotMatch(all, /SECRET|anna|10\.\d+\.\d+\.\d+/)
  assert.match(all, /Some bookings fail/)
  PageView.parse(page)
})

test('what people write says itself, wherever it stands', () => {
  const incidents = [publicIncident({ updates: [update({ title: EVIL, say: EVIL, components: [EVIL] })] })]
  const components = [{ name: EVIL, state: 'major' as const, of: () => undefined }]
  const page = html({ title: EVIL, incidents, windows: [window({ text: EVIL })], components })
  assert.equal(page.match(/<script>/g)?.length, 1, 'our own')
  const feed = feedOf({
    ...{ app: 'shop', title: EVIL, url: 'https://s/' },
    news: [{ key: 'a', at: NOW, title: EVIL, text: `${EVIL}\u0000\u0008` }],
  })
  assert.doesNotMatch(feed, /<script>|\u0000|\u0008/)
  const notice = noticeOf({ title: EVIL, headline: 'x', text: 'y', button: { action: EVIL, label: 'z' } })
  assert.doesNotMatch(notice, /<script>/)
})

test('the page may run its own script and style alone, and asks for nothing else', () => {
  const page = html()
  const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(page)!
  for (const [tag, directive] of [
    ['script', 'script-src'],
    ['style', 'style-src'],
  ]) {
    const [, text] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)!
    const digest = createHash('sha256').update(text!).digest('base64')
    assert.ok(policy!.includes(`${directive} 'sha256-${digest}'`))
  }
  assert.match(policy!, /^default-src 'none'/)
  assert.doesNotMatch(page, /src="|https?:\/\/(?!www\.w3\.org)|style="|onclick/)
})

test('an outage that nobody has written of is shown; the headline is never all right then', () => {
  const down = html({ components: [{ name: 'Booking', state: 'major', of: () => undefined }] })
  assert.match(down, /<strong>Major outage<\/strong>/)
  assert.match(down, /noticed by itself/)
  assert.doesNotMatch(down, /All systems operational/)
  assert.match(html(), /All systems operational/)
})

test('a page says when it was written, and can say itself that it is old', () => {
  assert.match(html(), new RegExp(`data-written="${new Date(NOW).toISOString()}"`))
  assert.match(html(), /How it is now is not known/)
})

test('without a channel there is no form; without days there is no figure', () => {
  assert.doesNotMatch(html({}, false), /<form/)
  assert.match(html({}), /<form method="post" action="subscribe">/)
  const fresh = html({ components: [{ name: 'web', state: 'unknown', of: () => undefined }] })
  assert.match(fresh, /not measured yet/)
  assert.doesNotMatch(fresh, /class="operational"/)
})

test('what is planned and not announced is not on the page; what is announced, on and over is', () => {
  const windows = [
    window({ id: 1, told: [] }),
    window({ id: 2 }),
    window({ id: 3, state: 'on' }),
    window({ id: 4, state: 'over', endsAt: NOW - 1 }),
    window({ id: 5, state: 'cancelled' }),
  ]
  assert.deepEqual(
    pageOf(facts({ windows })).maintenance.map(one => one.id),
    [2, 3, 4],
  )
})

test('a feed has one entry for each thing that was told, with a name that stays', () => {
  const news = [{ key: 'incident:12:1', at: NOW, title: 'Investigating: Slow', text: 'We look.' }]
  const feed = feedOf({ app: 'shop', title: 'Hotel', url: 'https://status.example/', news })
  assert.match(feed, /<guid isPermaLink="false">innkeeper:shop:incident:12:1<\/guid>/)
  assert.match(feed, /<link>https:\/\/status\.example\/#incident-12<\/link>/)
  assert.match(feed, /<pubDate>\w{3}, \d\d \w{3} \d{4} [\d:]+ GMT<\/pubDate>/)
})

test('a day in words says what nobody measured', () => {
  const day = { day: '2026-11-30', state: 'partial' as const, share: 0.5, ...NOTHING, known: 1 }
  assert.equal(sayingOf({ ...day, known: 0 }), '30 November 2026; not measured')
  assert.equal(
    sayingOf({ ...day, down: 120_000, degraded: 1 }),
    '30 November 2026; 2 min down; 1 min degraded; measured 50 % of the day',
  )
})
