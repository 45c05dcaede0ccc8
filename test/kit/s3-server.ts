import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { signatureProblem, unframed } from './s3-signature.ts'

export interface Stored {
  body: Buffer
  etag: string
  at: Date
}

export interface Store {
  bucket: string
  region: string
  keyId: string
  secret: string
  objects: Map<string, Stored>
  uploads: Map<string, { key: string; parts: Map<number, Stored> }>
}

export interface Answer {
  status: number
  headers?: Record<string, string>
  body?: Buffer | string
}

const md5 = (data: Buffer): Buffer => createHash('md5').update(data).digest()

const stored = (body: Buffer, etag = md5(body).toString('hex')): Stored => ({ body, etag, at: new Date() })

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const unescaped = (text: string): string =>
  text.replaceAll(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[name]!,
  )

const xml = (root: string, inner: string, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`,
})

export const problem = (status: number, code: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
})

/** The answer of S3 to a request, by its documentation: path style, signature version 4, one bucket. */
export function respond(store: Store, request: IncomingMessage, sent: Buffer): Answer {
  const wrong = signatureProblem(request, sent, store)
  if (wrong !== null) return problem(wrong === 'XAmzContentSHA256Mismatch' ? 400 : 403, wrong)
  const body = unframed(request, sent)
  const digest = request.headers['content-md5']
  if (digest !== undefined && digest !== md5(body).toString('base64')) return problem(400, 'BadDigest')
  const [path, search = ''] = request.url!.split('?')
  const [bucket, ...rest] = path!.slice(1).split('/').map(decodeURIComponent)
  if (bucket !== store.bucket) return problem(404, 'NoSuchBucket')
  const query = new URLSearchParams(search.replaceAll('+', '%2B'))
  const key = rest.join('/')
  if (key === '') return ofBucket(store, request.method!, query, body)
  if (query.has('uploads') || query.has('uploadId'))
    return ofUpload(store, request.method!, { key, query, body })
  return ofObject(store, request, key, body)
}

function ofBucket(store: Store, method: string, query: URLSearchParams, body: Buffer): Answer {
  if (method === 'HEAD') return { status: 200 }
  if (method === 'PUT') return problem(409, 'BucketAlreadyOwnedByYou')
  if (method === 'POST' && query.has('delete')) {
    const keys = [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(found => unescaped(found[1]!))
    for (const key of keys) store.objects.delete(key)
    return xml('DeleteResult', keys.map(key => `<Deleted><Key>${escaped(key)}</Key></Deleted>`).join(''))
  }
  if (query.has('location')) return xml('LocationConstraint', store.region)
  return method === 'GET' && query.get('list-type') === '2'
    ? listed(store, query)
    : problem(501, 'NotImplemented')
}

function listed(store: Store, query: URLSearchParams): Answer {
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
  const from = query.get('continuation-token') ?? query.get('start-after') ?? ''
  const most = Math.min(Number(query.get('max-keys') ?? 1000), 1000)
  /** Lists a key that has another delimiter as its common prefix. */
  const shown = (key: string): string => {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    return end === -1 ? key : key.slice(0, end + delimiter.length)
  }
  const names = new Set([...store.objects.keys()].filter(key => key.startsWith(prefix)).map(shown))
  const rest = [...names].filter(name => name > from).sort()
  const page = rest.slice(0, most)
  const encoded = query.get('encoding-type') === 'url'
  const text = encoded ? encodeURIComponent : escaped
  const entries = page.map(name => {
    const object = store.objects.get(name)
    if (object === undefined) return `<CommonPrefixes><Prefix>${text(name)}</Prefix></CommonPrefixes>`
    const { body, etag, at } = object
    return `<Contents><Key>${text(name)}</Key><LastModified>${at.toISOString()}</LastModified><ETag>"${etag}"</ETag><Size>${body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`
  })
  const more = rest.length > page.length
  const next = more ? `<NextContinuationToken>${escaped(page.at(-1)!)}</NextContinuationToken>` : ''
  return xml(
    'ListBucketResult',
    `<Name>${store.bucket}</Name><Prefix>${text(prefix)}</Prefix>${encoded ? '<EncodingType>url</EncodingType>' : ''}<KeyCount>${page.length}</KeyCount><MaxKeys>${most}</MaxKeys><IsTruncated>${more}</IsTruncated>${next}${entries.join('')}`,
  )
}

function ofUpload(
  store: Store,
  method: string,
  { key, query, body }: { key: string; query: URLSearchParams; body: Buffer },
): Answer {
  if (query.has('uploads')) {
    const id = `upload-${store.uploads.size + 1}`
    store.uploads.set(id, { key, parts: new Map() })
    return xml(
      'InitiateMultipartUploadResult',
      `<Bucket>${store.bucket}</Bucket><Key>${escaped(key)}</Key><UploadId>${id}</UploadId>`,
    )
  }
  const upload = store.uploads.get(query.get('uploadId')!)
  if (upload?.key !== key) return problem(404, 'NoSuchUpload')
  if (method === 'PUT') {
    const part = stored(body)
    upload.parts.set(Number(query.get('partNumber')), part)
    return { status: 200, headers: { etag: `"${part.etag}"` } }
  }
  if (method === 'POST') {
    const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(found =>
      Number(found[1]),
    )
    const parts = numbers.map(number => upload.parts.get(number))
    if (parts.length === 0 || parts.includes(undefined)) return problem(400, 'InvalidPart')
    const bodies = parts.map(part => part!.body)
    if (bodies.slice(0, -1).some(part => part.length < 5 * 1024 ** 2)) return problem(400, 'EntityTooSmall')
    const etag = `${md5(Buffer.concat(bodies.map(md5))).toString('hex')}-${parts.length}`
    store.objects.set(key, stored(Buffer.concat(bodies), etag))
    store.uploads.delete(query.get('uploadId')!)
    return xml(
      'CompleteMultipartUploadResult',
      `<Bucket>${store.bucket}</Bucket><Key>${escaped(key)}</Key><ETag>"${etag}"</ETag>`,
    )
  }
  store.uploads.delete(query.get('uploadId')!)
  return { status: 204 }
}

function ofObject(store: Store, request: IncomingMessage, key: string, body: Buffer): Answer {
  if (request.method === 'PUT') {
    const object = stored(body)
    store.objects.set(key, object)
    return { status: 200, headers: { etag: `"${object.etag}"` } }
  }
  if (request.method === 'DELETE') {
    store.objects.delete(key)
    return { status: 204 }
  }
  const object = store.objects.get(key)
  if (object === undefined) return problem(404, 'NoSuchKey')
  const { length } = object.body
  const headers = {
    etag: `"${object.etag}"`,
    'last-modified': object.at.toUTCString(),
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
  }
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '')
  if (range === null) return { status: 200, headers, body: object.body }
  const [first, last] = range.slice(1)
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const end = first === '' || last === '' ? length - 1 : Math.min(Number(last), length - 1)
  if (start > end) return problem(416, 'InvalidRange')
  const part = { ...headers, 'content-range': `bytes ${start}-${end}/${length}` }
  return { status: 206, headers: part, body: object.body.subarray(start, end + 1) }
}
