import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRepositories, sourcesFor } from './apt.ts'
import { type Trial, withRow } from './table.ts'
import { versionIn } from './versions.ts'

test('a root takes from the mirrors of this machine what is of Debian, of its own release', () => {
  const repositories = readRepositories(
    [
      'http://mirror.example/debian/|Debian|bookworm',
      'http://mirror.example/debian/|Debian|bookworm',
      'http://mirror.example/debian/|Debian|bookworm-updates',
      'http://mirror.example/security/|Debian-Security|bookworm-security',
      'https://node.example/|. nodistro|nodistro',
      '',
    ].join('\n'),
  )
  assert.equal(
    sourcesFor(repositories, 'trixie'),
    `deb http://mirror.example/debian/ trixie main
deb http://mirror.example/debian/ trixie-updates main
deb http://mirror.example/security/ trixie-security main
`,
  )
  assert.throws(() => sourcesFor([], 'trixie'), /knows no mirror of Debian/)
})

test('a version is the first number with a point', () => {
  const told = {
    'nginx version: nginx/1.26.3': '1.26.3',
    'restic 0.18.0 compiled with go1.24.4 on linux/amd64': '0.18.0',
    'Redis server v=8.0.2 sha=00000000:0 malloc=jemalloc-5.3.0': '8.0.2',
    'postgres (PostgreSQL) 17.6 (Debian 17.6-0+deb13u1)': '17.6',
    'nothing of the kind': '?',
  }
  assert.deepEqual(Object.keys(told).map(versionIn), Object.values(told))
})

test('a system has one row, whatever its point release, and the page around it stays', () => {
  const row = (system: string, tally: Trial['tally'] = { passed: 9, failed: 0, skipped: 0 }): Trial => ({
    ...{ versions: { system, restic: '0.18.0' }, tally, day: '2026-01-02' },
  })
  const page = 'before\n\n| system | restic | tests | on |\n|---|---|---|---|\n\nafter\n'
  const filled = [
    row('Debian 13.1', null),
    row('Ubuntu 24.04'),
    row('Debian 9.1', { passed: 8, failed: 2, skipped: 1 }),
    row('Debian 13.8'),
    row('Ubuntu 24.10'),
  ].reduce(withRow, page)
  assert.equal(
    filled,
    `before

| system | restic | tests | on |
|---|---|---|---|
| Debian 9.1 | 0.18.0 | 8 passed, **2 failed**, 1 left out | 2026-01-02 |
| Debian 13.8 | 0.18.0 | 9 passed | 2026-01-02 |
| Ubuntu 24.04 | 0.18.0 | 9 passed | 2026-01-02 |
| Ubuntu 24.10 | 0.18.0 | 9 passed | 2026-01-02 |

after
`,
  )
  assert.match(withRow(page, row('Debian 13.1', null)), /Debian 13.1 \| 0.18.0 \| broken off/)
})
