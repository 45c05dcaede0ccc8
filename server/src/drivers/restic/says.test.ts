import assert from 'node:assert/strict'
import { test } from 'node:test'
import { complaints, listen, patience, spoken, stillness, words } from './says.ts'

/** One line as restic prints it. */
const line = (content: object): string => JSON.stringify(content)

test('files that vanished are no loss, whatever else cannot be read is: in the words of all versions', () => {
  const error = (error: unknown, item = '/a') =>
    line({ message_type: 'error', error, during: 'archival', item })
  const heard = listen(undefined)
  for (const text of [
    // Until 0.16.
    error({ Op: 'lstat', Path: '/a', Err: 2 }),
    error({ Op: 'open', Path: '/a', Err: 13 }),
    error({ Op: 'read', Path: '/a', Err: {} }),
    // Since 0.17.
    error({ message: 'lstat /a: no such file or directory' }),
    error({ message: 'open /a: permission denied' }),
    error({ message: 'read /no such file or directory/b: input/output error' }),
    error(null),
    line({ message_type: 'error' }),
  ])
    heard.onLine(text)
  assert.deepEqual(heard.unread, [
    'open /a: permission denied',
    'read /a: it failed',
    'open /a: permission denied',
    'read /no such file or directory/b: input/output error',
    'read /a: it failed',
    'read : it failed',
  ])
})

test('what cannot be read is told in few words, however long its path', () => {
  const heard = listen(undefined)
  const item = `/${'d'.repeat(5_000)}`
  for (const error of [
    { Op: 'lstat', Path: item, Err: 36 },
    { message: `lstat ${item}: file name too long` },
  ])
    heard.onLine(line({ message_type: 'error', error, item }))
  for (const text of heard.unread) {
    assert.ok(text.length < 310, text)
    assert.match(text, /^lstat \/dd+ … dd+: (file )?name too long$/)
  }
  assert.equal(heard.unread.length, 2)
})

test('progress comes from each status, and at the end from the summary', () => {
  const seen: unknown[] = []
  const heard = listen(progress => seen.push(progress))
  for (const text of [
    'open repository',
    line({ message_type: 'status', percent_done: 0 }),
    line({ message_type: 'status', percent_done: 0.5, total_bytes: 8, bytes_done: 4 }),
    line({ message_type: 'verbose_status', action: 'new' }),
    line({ message_type: 'summary', snapshot_id: 'abc', total_bytes_processed: 8, data_added: 3 }),
    '{"message_type":"status","perc',
  ])
    heard.onLine(text)
  assert.deepEqual(seen, [
    { doneBytes: 0, totalBytes: null },
    { doneBytes: 4, totalBytes: 8 },
    { doneBytes: 8, totalBytes: 8 },
  ])
  assert.equal(heard.summary?.snapshot_id, 'abc')
})

test('why it ended is one sentence, as text and as JSON', () => {
  const why = 'Fatal: unable to open config file: stat "/x": no such file\nIs there a repository?'
  const status = line({ message_type: 'status', percent_done: 0 })
  assert.equal(spoken(`${status}\n${line({ message_type: 'exit_error', code: 10, message: why })}`), why)
  assert.equal(words(`${status}\n${why}\n\tgithub.com/restic`), why)
  const again = 'Stat(<config/>) returned error, retrying after 5ms: refused'
  assert.equal(words(`${again}\n${why}`), why)
  assert.equal(words(again), again, 'when it is all that there is')
})

test('what a check found is told once, without what newer versions advise', () => {
  const tail = [
    ...[
      'using temporary cache in /c',
      'load indexes',
      '[0:00] 50.00%  1 / 2 packs',
      'pack d0f4: does not exist',
    ],
    ...['Load(<data/d0>) failed: open d0: no such file', 'Load(<data/d0>) failed: open d0: no such file'],
    ...['error for tree d85060c7:', '  decrypting blob <tree/d8> failed: ciphertext verification failed', ''],
    'The repository contains damaged pack files. These damaged files must be removed to repair the repository.',
    ...['restic repair packs d0f4', 'restic repair snapshots --forget'],
    'Damaged pack files can be caused by backend problems, hardware problems or bugs in restic.',
    'The repository is damaged and must be repaired. Please follow the troubleshooting guide.',
    'Fatal: repository contains errors',
  ]
  assert.deepEqual(complaints(tail.join('\n')), [
    'pack d0f4: does not exist',
    'Load(<data/d0>) failed: open d0: no such file',
    'error for tree d85060c7:',
    'decrypting blob <tree/d8> failed: ciphertext verification failed',
    'Fatal: repository contains errors',
  ])
})

test('a request that fails for longer than a minute is given up, one that is answered in between is not', () => {
  const failing = (name: string, wait: string) =>
    `${name} returned error, retrying after ${wait}: connection refused`
  const fine = 'Save(<data/1>) operation successful after 2 retries'
  const told = (...lines: Array<[number, string]>) => {
    const tooLong = patience(60_000)
    return lines.map(([at, text]) => tooLong(text, at))
  }
  assert.deepEqual(
    told([0, failing('Stat(<config/>)', '537.4ms')], [21_000, failing('Stat(<config/>)', '38.9s')]),
    [false, false],
  )
  assert.deepEqual(
    told([0, failing('Stat(<config/>)', '537.4ms')], [21_000, failing('Stat(<config/>)', '39.1s')]),
    [false, true],
    'what it would wait counts',
  )
  assert.deepEqual(told([0, failing('List(lock)', '1m0.5s')]), [true])
  assert.deepEqual(
    told([0, failing('Save(<data/1>)', '1s')], [50_000, fine], [70_000, failing('Save(<data/1>)', '1s')]),
    [false, false, false],
  )
  assert.deepEqual(
    told([0, failing('Save(<data/1>)', '1s')], [70_000, failing('Save(<data/2>)', '1s')]),
    [false, false],
    'each request for itself',
  )
})

test('a backup whose status stays the same is given up: in a folder after minutes, in a bucket after hours', () => {
  const status = (done: number, seconds: number) =>
    JSON.stringify({ message_type: 'status', seconds_elapsed: seconds, bytes_done: done, total_bytes: 9 })
  const minutes = (kind: 'folder' | 's3', ...told: Array<[number, string]>) => {
    const still = stillness(kind)
    return told.map(([minute, line]) => still(line, minute * 60_000))
  }
  assert.deepEqual(minutes('folder', [0, status(9, 0)], [5, status(9, 300)], [5.1, status(9, 306)]), [
    false,
    false,
    true,
  ])
  assert.deepEqual(minutes('folder', [0, status(8, 0)], [5, status(9, 300)], [9, status(9, 540)]), [
    false,
    false,
    false,
  ])
  assert.deepEqual(minutes('folder', [0, status(9, 0)], [60, 'no line of a status']), [false, false])
  assert.deepEqual(minutes('s3', [0, status(9, 0)], [119, status(9, 1)], [121, status(9, 2)]), [
    false,
    false,
    true,
  ])
})
