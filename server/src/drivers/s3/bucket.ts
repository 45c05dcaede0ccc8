import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import type { S3 } from '@aws-sdk/client-s3'
import type { BucketPlace } from '../../data/places/place.ts'
import type { Finding } from '../../data/repositories/snapshots.ts'

/** Smallest size that S3 accepts for a part, except the last one. */
const PART = 5 * 1024 ** 2
const PAGE = 2

interface Bench {
  s3: S3
  bucket: string
  /** Folder for this check only, with a slash at the end. */
  folder: string
}

interface Capability {
  /** What the bucket could not do, as the end of a sentence. */
  name: string
  /** What would not work without this. */
  breaks: string
  try(bench: Bench): Promise<void>
}

const content = (text: string): Buffer => Buffer.alloc(10_000, text)

const CAPABILITIES: readonly Capability[] = [
  {
    name: 'read back what was written',
    breaks: 'nothing can be kept there',
    async try(bench) {
      await write(bench, 'one', content('first'))
      same(await read(bench, 'one'), content('first'))
    },
  },
  {
    name: 'read a part of an object',
    breaks: 'restoring would fail: a few files are read out of large packs',
    async try(bench) {
      same(await read(bench, 'one', 'bytes=100-299'), content('first').subarray(100, 300))
    },
  },
  {
    name: 'list more than one page of objects',
    breaks: 'backups would be overlooked, and what they need removed as unused',
    async try(bench) {
      const names = ['list/a', 'list/b', 'list/c', 'list/d e', 'list/f+g']
      for (const name of names) await write(bench, name, content(name))
      const expected = names.map(name => bench.folder + name)
      const found = await keysBelow(bench, `${bench.folder}list/`)
      if (found.join('\n') !== expected.join('\n'))
        throw new Error(`it listed ${found.length} of ${names.length}`)
    },
  },
  {
    name: 'overwrite an object and read the new one',
    breaks: 'the state of PostgreSQL backups would be an old one',
    async try(bench) {
      await write(bench, 'one', content('second'))
      same(await read(bench, 'one'), content('second'))
    },
  },
  {
    name: 'write a large object in parts',
    breaks: 'large files of a database could not be kept',
    async try(bench) {
      const parts = [Buffer.alloc(PART, 'part one'), content('part two')]
      await writeInParts(bench, 'large', parts)
      same(await read(bench, 'large'), Buffer.concat(parts))
    },
  },
  {
    name: 'delete an object',
    breaks: 'old backups would stay for ever, and so would their price',
    async try(bench) {
      await bench.s3.deleteObject({ Bucket: bench.bucket, Key: `${bench.folder}one` })
      const left = await keysBelow(bench, `${bench.folder}one`)
      const gone = await read(bench, 'one').then(
        () => false,
        error => (error as Error).name === 'NoSuchKey',
      )
      if (left.length > 0 || !gone) throw new Error('it is still there')
    },
  },
  {
    name: 'delete several objects with one request',
    breaks: 'old backups of PostgreSQL would stay for ever, and so would their price',
    try: bench => removeAll(bench),
  },
]

/** Tries everything that backups need from a bucket, in a folder named by `nonce`, which is removed afterwards. Empty: all is well. */
export async function checkBucket(place: BucketPlace, nonce: string): Promise<Finding[]> {
  const bench = await open(place, nonce)
  const findings: Finding[] = []
  try {
    for (const { name, breaks, try: attempt } of CAPABILITIES) {
      const problem = await problemOf(attempt(bench))
      if (problem !== null) findings.push({ what: `${place.name} cannot ${name} (${problem}): ${breaks}` })
      // Without the first capability everything else fails too, each after its own retries.
      if (problem !== null && attempt === CAPABILITIES[0]!.try) break
    }
    const left = await problemOf(removeAll(bench))
    if (left !== null) findings.push({ what: `what the check wrote is still in ${bench.folder} (${left})` })
    return findings
  } finally {
    bench.s3.destroy()
  }
}

const problemOf = (work: Promise<void>): Promise<string | null> =>
  work.then(
    () => null,
    (error: Error) =>
      error.message.startsWith(error.name) ? error.message : `${error.name}: ${error.message}`,
  )

/** Opens a bucket. The SDK is loaded only here, because it is the largest of the keeper's packages. */
async function open({ endpoint, region, bucket, prefix, keyId, secret, ca }: BucketPlace, nonce: string) {
  const { S3 } = await import('@aws-sdk/client-s3')
  const httpsAgent = new Agent(ca === null ? {} : { ca: await readFile(ca) })
  const s3 = new S3({
    ...{ endpoint, region, forcePathStyle: true, maxAttempts: 3 },
    credentials: { accessKeyId: keyId, secretAccessKey: secret.reveal() },
    requestHandler: { httpsAgent, connectionTimeout: 10_000, requestTimeout: 60_000 },
    // Other stores than Amazon's do not know its newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  return { s3, bucket, folder: `${prefix === '' ? '' : `${prefix}/`}innkeeper-check-${nonce}/` }
}

async function write({ s3, bucket, folder }: Bench, name: string, body: Buffer): Promise<void> {
  await s3.putObject({ Bucket: bucket, Key: folder + name, Body: body })
}

async function read({ s3, bucket, folder }: Bench, name: string, range?: string): Promise<Uint8Array> {
  const { Body } = await s3.getObject({ Bucket: bucket, Key: folder + name, Range: range })
  return Body!.transformToByteArray()
}

async function writeInParts({ s3, bucket, folder }: Bench, name: string, parts: Buffer[]): Promise<void> {
  const object = { Bucket: bucket, Key: folder + name }
  const { UploadId } = await s3.createMultipartUpload(object)
  try {
    const Parts = []
    for (const [i, Body] of parts.entries()) {
      const { ETag } = await s3.uploadPart({ ...object, UploadId, PartNumber: i + 1, Body })
      Parts.push({ ETag, PartNumber: i + 1 })
    }
    await s3.completeMultipartUpload({ ...object, UploadId, MultipartUpload: { Parts } })
  } catch (error) {
    // Aborted, because parts of an incomplete upload are not listed, but cost money.
    await s3.abortMultipartUpload({ ...object, UploadId }).catch(() => {})
    throw error
  }
}

async function keysBelow({ s3, bucket }: Bench, prefix: string): Promise<string[]> {
  const keys: string[] = []
  let next: string | undefined
  do {
    const page = await s3.listObjectsV2({
      ...{ Bucket: bucket, Prefix: prefix, MaxKeys: PAGE, ContinuationToken: next },
    })
    keys.push(...(page.Contents ?? []).map(object => object.Key!))
    next = page.NextContinuationToken
  } while (next !== undefined)
  return keys
}

async function removeAll(bench: Bench): Promise<void> {
  const keys = await keysBelow(bench, bench.folder)
  if (keys.length === 0) return
  const Objects = keys.map(Key => ({ Key }))
  const { Errors = [] } = await bench.s3.deleteObjects({ Bucket: bench.bucket, Delete: { Objects } })
  if (Errors[0] !== undefined) throw new Error(`${Errors[0].Code} ${Errors[0].Message}`)
  const left = await keysBelow(bench, bench.folder)
  if (left.length > 0) throw new Error(`${left.length} are still there`)
}

function same(found: Uint8Array, expected: Buffer): void {
  if (!expected.equals(found)) throw new Error(`other bytes came back: ${found.length} of ${expected.length}`)
}
