import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../kernel/failure.ts'
import { Secret } from '../../kernel/secret.ts'
import { type Kit, readKit, writeKit } from './kit.ts'

const kit: Kit = {
  host: 'vps1',
  home: '/var/lib/innkeeper',
  madeAt: Date.parse('2026-11-20T10:00:00Z'),
  passphrase: new Secret('correct horse'),
  places: [
    { kind: 'folder', name: 'disk', path: '/mnt/backups' },
    {
      kind: 's3',
      name: 'offsite',
      endpoint: 'https://s3.example.com',
      region: 'eu-1',
      bucket: 'b',
      prefix: 'p',
      keyId: 'key',
      secret: new Secret('s3cret'),
      ca: null,
    },
  ],
  versions: { pgbackrest: '2.45' },
}
const text = writeKit(kit, place => `open ${place.name}`)

const code = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return (error as Failure).code
  }
  return 'none'
}

test('a kit is read as it was written, secrets and all', () => {
  const read = readKit(text)
  const bare = ({ passphrase, places, ...rest }: Kit) => ({
    ...rest,
    passphrase: passphrase.reveal(),
    places: places.map(p => (p.kind === 's3' ? { ...p, secret: p.secret.reveal() } : p)),
  })
  assert.deepEqual(bare(read), bare(kit))
})

test('a person finds in it what to do', () => {
  for (const part of [
    'inn recover --kit',
    'INNKEEPER_HOME=/var/lib/innkeeper',
    'open disk',
    'open offsite',
    'age -p',
  ])
    assert.ok(text.includes(part), part)
})

test('it survives being pasted with other line ends and words around it', () => {
  assert.equal(readKit(`dear me,\r\n${text.replaceAll('\n', '\r\n')}bye`).home, kit.home)
})

test('what is no kit, half of one, a locked one or one of the future is told apart', () => {
  assert.equal(
    code(() => readKit('hello')),
    'kit.unreadable',
  )
  assert.equal(
    code(() => readKit(text.replace('"home":', '"home'))),
    'kit.unreadable',
  )
  assert.equal(
    code(() => readKit(text.replace('"format": 2', '"format": 3'))),
    'kit.unreadable',
  )
  assert.throws(
    () => readKit('age-encryption.org/v1\n'),
    (error: Failure) => error instanceof Failure && /age -d/.test(error.fix),
  )
})
