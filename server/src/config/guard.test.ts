import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ADDRESS_LISTS, rangesOf } from './addresses.ts'
import { BLOCKED, blockedBy } from './guard.ts'
import { readConfig } from './read.ts'

const read = (lines: string) => readConfig(`name: a\nservices: { a: { start: node a.js } }\n${lines}`)
const problem = (lines: string): string => read(lines).problems[0]?.message ?? ''

describe('addresses in innkeeper.yaml', () => {
  it('are addresses, ranges and names of lists', () => {
    const all = ['cloudflare', 'loopback', '10.0.0.0/8', '203.0.113.1', '2001:db8::/32', '::1']
    assert.deepEqual(read(`trustedProxies: ${JSON.stringify(all)}`).config?.trustedProxies, all)
    for (const wrong of [
      '10.0.0.0/33',
      '10.0.0',
      '::1/129',
      'fe80::1%eth0',
      'shop.example',
      '1.2.3.4/8/8',
      '/8',
    ])
      assert.match(problem(`trustedProxies: ["${wrong}"]`), /is no address: write one, a range/, wrong)
    assert.match(problem('trustedProxies: [cloudfare]'), /did you mean cloudflare\?/)
  })

  it('names stand for what they list, and what a list has is an address', () => {
    assert.deepEqual(rangesOf(['loopback', '10.0.0.1']), ['127.0.0.0/8', '::1', '10.0.0.1'])
    for (const { read: day, ranges } of Object.values(ADDRESS_LISTS)) {
      assert.match(day, /^20\d\d-\d\d-\d\d$/)
      assert.deepEqual(read(`trustedProxies: ${JSON.stringify(ranges)}`).problems, [])
    }
  })

  it('a proxy that would be everybody is refused', () => {
    for (const all of ['0.0.0.0/0', '::/0', '1.2.3.4/0'])
      assert.match(problem(`trustedProxies: ["${all}"]`), /would believe every visitor/, all)
  })
})

describe('blocked in innkeeper.yaml', () => {
  it('has a default, which another list takes the place of, or adds to', () => {
    assert.deepEqual(blockedBy(read('').config!.blocked), BLOCKED)
    assert.deepEqual(blockedBy(read('blocked: []').config!.blocked), [])
    assert.deepEqual(blockedBy(read('blocked: [default, /admin/queues, .bak*]').config!.blocked), [
      ...BLOCKED,
      '/admin/queues',
      '.bak*',
    ])
    assert.deepEqual(read(`blocked: ${JSON.stringify(BLOCKED)}`).problems, [])
  })

  it('what could not be a path is refused', () => {
    for (const wrong of ['/', '', 'a/b', '/a?b', '/a#b', '/%2e', '/a*b', '/a b', '*', '/a/', 'x'.repeat(201)])
      assert.match(problem(`blocked: ["${wrong}"]`), /a path as in|200 letters/, wrong)
  })
})

describe('rateLimit in innkeeper.yaml', () => {
  const limit = (text: string) => read(`rateLimit: [${text}]`)

  it('needs a rate alone', () => {
    assert.deepEqual(limit('{ rate: 5/m }').config?.rateLimit, [
      { rate: '5/m', path: '/', by: 'address', burst: 0 },
    ])
  })

  it('what could not be counted is refused', () => {
    const wrong = [
      ...[
        '{}',
        '{ rate: 5 }',
        '{ rate: 0/s }',
        '{ rate: 5/h }',
        '{ rate: 1.5/s }',
        '{ rate: 5/s, burst: -1 }',
      ],
      ...[
        '{ rate: 5/s, path: a }',
        '{ rate: 5/s, path: /a/ }',
        '{ rate: 5/s, path: "/a?b" }',
        '{ rate: 5/s, path: /a* }',
      ],
      ...[
        '{ rate: 5/s, by: ip }',
        '{ rate: 5/s, by: { header: "X Y" } }',
        '{ rate: 5/s, by: { cookie: "a;b" } }',
      ],
    ]
    for (const text of wrong) assert.notEqual(limit(text).problems.length, 0, text)
    assert.match(limit(Array(9).fill('{ rate: 5/m }').join(', ')).problems[0]!.message, /8 limits at most/)
  })
})

describe('headers and cors in innkeeper.yaml', () => {
  it('what is for one answer, or would break its line, is refused', () => {
    for (const name of [
      'Set-Cookie',
      'Content-Length',
      'location',
      'Access-Control-Allow-Origin',
      'X-Accel-Redirect',
      'X Y',
      'X_Y',
    ])
      assert.notEqual(read(`headers: { "${name}": a }`).problems.length, 0, name)
    for (const value of ['', ' a', 'a\\nb', 'é', 'x'.repeat(4001)])
      assert.notEqual(read(`headers: { X-Own: "${value}" }`).problems.length, 0, value)
  })

  it('origins are whole, and all of them get no cookies', () => {
    for (const origin of [
      'a.example',
      'https://a.example/',
      'https://*.a.example',
      'null',
      'https://A.example',
    ])
      assert.match(problem(`cors: { origins: ["${origin}"] }`), /an origin is as browsers write it/, origin)
    assert.match(problem('cors: { origins: ["*"], credentials: true }'), /name the origins/)
    assert.deepEqual(read('cors: { origins: ["*", "http://localhost:3000"] }').problems, [])
  })
})

describe('redirects and errorPages in innkeeper.yaml', () => {
  const redirects = (text: string) => problem(`domains: [a.example, "*.b.example"]\nredirects: { ${text} }`)

  it('a name must be one of the domains, and lead to where nobody is sent on', () => {
    assert.equal(redirects('a.example: c.example'), '')
    assert.equal(redirects('www.b.example: a.example'), '')
    assert.match(redirects('b.example: a.example'), /did you mean a.example\?/)
    assert.match(
      redirects('other.example: a.example'),
      /nobody comes by this name: add other.example to domains/,
    )
    assert.match(redirects('a.example: www.b.example, www.b.example: a.example'), /sent on itself/)
    for (const to of ['https://c.example', 'c.example/x', 'c_d', '"*.c"'])
      assert.match(redirects(`a.example: ${to}`), /not a host name/, to)
  })

  it('a page lies in the repository', () => {
    assert.match(problem('errorPages: { 502: ../x.html }'), /leaves the repository/)
    assert.match(problem('errorPages: { 500: x.html }'), /unknown key/)
    assert.deepEqual(read('errorPages: { 502: ./x.html }').config?.errorPages, { 502: 'x.html' })
  })
})
